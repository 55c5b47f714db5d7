import { basename, resolve } from "node:path";
import type { Evidence, Json } from "../../../base/evidence/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { CertifyReport } from "./certify-model.ts";

/** What the audit log keeps of certificates: the shares, and how they were got. */
export function evidenceOf({ model, data, curve, size, cleanAccuracy, ...report }: CertifyReport): Evidence {
  return {
    kind: "certificate.made",
    outcome: report.stopped === undefined ? "done" : "failed",
    subject: { type: "model", id: basename(resolve(model.file)), digest: model.digest },
    figures: [
      { name: "clean_accuracy", value: cleanAccuracy, n: size },
      ...curve.map(({ norm, epsilon, accuracy }) => ({
        name: `certified_accuracy@${norm}:${epsilon}`,
        value: accuracy,
        n: size,
      })),
    ],
    seed: report.seed,
    versions: { modelkeep: version, node: process.version },
    replay: report.replay,
    detail: {
      method: report.method,
      params: report.params as Json,
      abstained: report.abstained,
      requirements: report.requirements.map(({ requirement, met }): Json => ({ requirement, met })),
      data: data.digest,
    },
  };
}
