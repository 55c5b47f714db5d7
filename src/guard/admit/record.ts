import type { EvidenceSink } from "../../base/evidence/index.ts";
import type { Logger } from "../../base/log/index.ts";
import { entryOf } from "./entry.ts";
import type { Asked } from "./entry.ts";
import type { AdmitRules } from "./policy.ts";
import type { AdmissionRequest, Decision } from "./review.ts";

export interface RecordParts {
  /** The log, where one is kept. */
  readonly evidence?: EvidenceSink | undefined;
  readonly mode: AdmitRules["mode"];
  readonly log: Logger;
}

const unlogged = "the decision could not be logged";

/**
 * Enters a decision, and gives it back once it is durable. INVARIANT: in mode `enforce` nothing is admitted whose entry is not on disk; a log that
 * fails, or takes longer than the API server waits, refuses. The other modes admit whatever happens, so they only complain.
 */
export async function recorded(
  { evidence, mode, log }: RecordParts,
  {
    asked,
    decision,
    verified,
    waitMs,
  }: { readonly asked: AdmissionRequest; readonly decision: Decision; readonly verified: Asked; readonly waitMs: number },
): Promise<Decision> {
  if (evidence === undefined || !isDecision(asked, decision)) return decision;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the log took too long")), waitMs);
  });
  try {
    await Promise.race([evidence.append(entryOf(asked, decision, { mode, verified })), late]);
    return decision;
  } catch (error) {
    log.error("a decision could not be logged", { error: String(error) });
    if (mode !== "enforce") return decision;
    return { allowed: false, reasons: [unlogged], warnings: [], annotations: { decision: "refused", reasons: unlogged } };
  } finally {
    clearTimeout(timer);
  }
}

/** What was not looked at was not decided: deletions, exempt namespaces. A dry run may leave no trace: that is what it is. */
const isDecision = ({ operation, object, dryRun }: AdmissionRequest, { annotations }: Decision): boolean =>
  dryRun !== true &&
  (operation === "CREATE" || operation === "UPDATE") &&
  typeof object === "object" &&
  object !== null &&
  annotations["decision"] !== "exempt";
