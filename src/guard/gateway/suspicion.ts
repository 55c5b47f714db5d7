/** A detector's word on a request: above its threshold there is no answer. */
import { ModelkeepError } from "../../base/error/index.ts";
import { toFloat } from "../../model/onnx/index.ts";
import type { RunResult } from "../../model/runtime/index.ts";
import type {} from "./errors.ts";
import type { GuardedContract } from "./read/guarded-contract.ts";

/** What the log keeps of a refusal by a detector. */
export interface Suspicion {
  /** Rows above the threshold, and the highest of them. */
  readonly rows: number;
  readonly largest: number;
  readonly threshold: number;
}

/** The detector's output, to be computed beside the others. */
export const detectorOutput = ({ detector }: GuardedContract): readonly string[] =>
  detector === undefined ? [] : [detector.output.name];

/** What the detector says of a run; undefined where nothing is above the threshold. A row without a number counts as above it. */
export function suspicionOf({ detector }: GuardedContract, { outputs }: Pick<RunResult, "outputs">): Suspicion | undefined {
  if (detector === undefined) return undefined;
  const { output, threshold } = detector;
  const flagged = [...toFloat(outputs[output.name]!)].filter((value) => !(value <= threshold));
  if (flagged.length === 0) return undefined;
  return { rows: flagged.length, largest: Math.max(...flagged.map((value) => (value === value ? value : 2))), threshold };
}

/** INVARIANT: says nothing of how suspicious, or of which row: a score is what an attack would follow. */
export const suspicious = (): ModelkeepError =>
  new ModelkeepError("gateway/suspicious-input", {
    message: "an input of this request looks as if it was made to mislead the model, so it is not answered",
    hint: "send inputs as they come from their source, one by one to learn which; the operator finds the request by its id",
    status: 422,
  });
