/** How this room says no. */
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** A value that hardening, certifying or a defence does not take; those who ask for them on behalf of a person say no alike. */
export const badOption = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("defend/bad-option", { message, hint, exit: 4, status: 400 });

export const unsupported = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("defend/unsupported-model", { message, hint, status: 400 });
