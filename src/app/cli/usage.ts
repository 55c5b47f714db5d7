import { ModelkeepError } from "../../base/error/index.ts";
import type { Exit } from "./define.ts";
import type {} from "./errors.ts";
import type { Output } from "./output.ts";

/** The error for words that a command does not take. */
export const usage = (message: string, hint: string): ModelkeepError =>
  new ModelkeepError("cli/usage", { message, hint, exit: 4 });

/** Says what is wrong with the flags, where the message is hint enough. */
export function refuseFlags(output: Output, message: string): Exit {
  output.note(`error: ${message}`);
  return 4;
}
