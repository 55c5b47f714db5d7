import { ModelkeepError, type ErrorCode } from "../../../base/error/index.ts";
import type {} from "./errors.ts";

/** A refusal of what a client sent: a 4xx that says what to change. */
export function refuse(code: ErrorCode, message: string, hint: string, status = 400): ModelkeepError {
  return new ModelkeepError(code, { message, hint, status });
}
