/** Refusals of tasks: outputs that are not declared as the task needs them, and truths that do not fit. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { TensorSpec } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";

/** An `assess/unsupported-task` error. */
export const unsupportedTask = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("assess/unsupported-task", { message, hint, status: 400, exit: 4 });

/** An output that is not the task's. */
export const unfitOutput = (
  { id, takes }: { readonly id: string; readonly takes: string },
  name: string,
  dims: TensorSpec["dims"],
): ModelkeepError =>
  unsupportedTask(
    `output ${quote(name)} is declared as [${dims.map((dim) => dim ?? "?").join(", ")}], and ${id} takes ${takes}`,
    "name the output with --output, or export the model with its sizes behind the batch declared",
  );

/** An `assess/bad-data` error. */
export const badTruth = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("assess/bad-data", { message, hint, status: 400, exit: 4 });
