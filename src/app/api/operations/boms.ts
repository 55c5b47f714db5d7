import { z } from "zod";
import type { AuditLog } from "../../../guard/audit/index.ts";
import type { ServedModel } from "../../../guard/gateway/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { AssessmentCard, SignatureCard } from "../../report/index.ts";
import { assessmentOf } from "../bom/assessment-card.ts";
import { runtimeHere } from "../bom/runtime.ts";
import { trainingCardOf } from "../bom/training-card.ts";
import { defineOperation } from "../define.ts";
import { served } from "./models.ts";

/** The bill of materials of each served model, of the very bytes that were loaded. */
export const modelsBom = defineOperation({
  id: "models.bom",
  title: "The bill of materials of what is served",
  input: z.strictObject({ model: z.string().min(1).max(64).optional() }),
  run: async (services, { model }) => {
    const { modelBom } = await import("../../report/index.ts"); // its pages are for who asks, not for every start
    const found = served(services)
      .list()
      .filter(({ name }) => model === undefined || name === model);
    const made = { runtime: runtimeHere(), toolVersion: version, timestamp: new Date(systemClock.now()).toISOString() };
    return Promise.all(
      found.map(async (one) => {
        const { name, version: number, digest, about, external, admission } = one;
        const assessments = await assessmentsOf(services.audit, digest);
        const card = { name, version: number, digest, about, training: trainingCardOf(about.metadata), assessments };
        const signature = signatureOf(admission);
        const files = [...external].map(([path, file]) => ({ path, digest: file }));
        return { name, version: number, digest, bom: modelBom({ models: [{ ...card, signature }], files, ...made }) };
      }),
    );
  },
});

/** Newest entries of the log that are looked through. */
const maxEntries = 1000;

/** What the log knows of assessments of these bytes, the newest one of each set of data. */
async function assessmentsOf(audit: AuditLog, digest: string): Promise<AssessmentCard[]> {
  const entries = await audit.search({ kind: "assessment.made", outcome: "done", limit: maxEntries });
  const cards = entries.filter(({ evidence }) => evidence.subject?.digest === digest).map(assessmentOf);
  return [...new Map(cards.toReversed().map((card) => [card.data?.digest, card])).values()];
}

function signatureOf({ signature }: ServedModel["admission"]): SignatureCard | undefined {
  if (signature === undefined || signature.verdict === "none") return undefined;
  const { verdict, by, digest } = signature;
  return { verdict, signer: by?.signer, method: by?.method, identity: by?.identity, fingerprint: by?.fingerprints[0], digest };
}
