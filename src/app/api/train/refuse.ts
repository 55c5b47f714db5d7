import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

/** The error for data that a command cannot use. */
export const badData = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("api/bad-data", { message, hint, exit: 4, status: 400 });
