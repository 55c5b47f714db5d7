import type { Actor, EvidenceSink } from "../../../base/evidence/index.ts";
import type { Logger } from "../../../base/log/index.ts";
import { admissionDetail } from "./admission.ts";
import type { ServedModel } from "./models.ts";
import type { Refused } from "./scan.ts";

/** Tells the log and the audit log what became of a file. A sink that fails does not stop a model: requests will meet it themselves. */
export interface Changes {
  added(served: ServedModel, by: Actor | undefined): Promise<void>;
  replaced(served: ServedModel, before: ServedModel, by: Actor | undefined): Promise<void>;
  removed(served: ServedModel, by: Actor | undefined): Promise<void>;
  refused(refused: Refused, by: Actor | undefined): Promise<void>;
}

export function createChanges(evidence: EvidenceSink, log: Logger): Changes {
  const record = async (kind: string, served: ServedModel, by: Actor | undefined, beforeDigest?: string) => {
    const { name, version, digest, isolation, admission, defences, contract } = served;
    log.info(kind, { model: name, version, digest, isolation, signer: admission.signature?.by?.signer });
    await append({
      kind,
      outcome: "done",
      ...(by !== undefined && { actor: by }),
      subject: { type: "model", id: name, version, digest },
      detail: {
        isolation,
        ...admissionDetail(admission),
        ...(defences.length > 0 && { defences }),
        ...(contract.detector !== undefined && { detector: { threshold: contract.detector.threshold } }),
        ...(beforeDigest !== undefined && { beforeDigest }),
      },
    });
  };
  const append: EvidenceSink["append"] = async (entry) =>
    evidence.append(entry).catch((error: unknown) => {
      log.error("a change of models is not in the audit log", { kind: entry.kind, error });
      return { index: -1 };
    });

  return {
    added: (served, by) => record("model.added", served, by),
    replaced: (served, before, by) => record("model.replaced", served, by, before.digest),
    removed: (served, by) => record("model.removed", served, by),
    async refused({ path, error, digest, admission }, by) {
      log.warn("model.refused", { path, digest, code: error.code, reason: error.message, hint: error.hint, cause: error.cause });
      await append({
        kind: "model.refused",
        outcome: "denied",
        code: error.code,
        ...(by !== undefined && { actor: by }),
        subject: { type: "model", id: path, ...(digest !== undefined && { digest }) },
        detail: { reason: error.message, ...(admission !== undefined && admissionDetail(admission)) },
      });
    },
  };
}
