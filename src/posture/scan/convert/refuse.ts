import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** The file holds something that is no tensor, or would do something when it is loaded. */
export function notConvertible(message: string): ModelkeepError {
  return new ModelkeepError("scan/not-convertible", {
    message,
    hint: "only files that hold nothing but tensors of PyTorch or NumPy are converted; save `model.state_dict()`, or a dictionary of arrays",
    exit: 1,
    status: 400,
  });
}
