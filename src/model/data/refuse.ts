/** The errors of this room, each naming the file first, so that one of a thousand files can be found. */

import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** `data/malformed`: `where` is a place in the file, such as `byte 12` or `line 3`. */
export function malformed(file: string, what: string, options: { where?: string; hint?: string } = {}): ModelkeepError {
  const { where, hint = "the file is cut short, damaged, or of another format: export it again" } = options;
  return new ModelkeepError("data/malformed", { message: `${place(file, where)}: ${what}`, hint, status: 400 });
}

/** `data/unsupported`. */
export function unsupported(file: string, what: string, hint: string): ModelkeepError {
  return new ModelkeepError("data/unsupported", { message: `${place(file)}: ${what}`, hint, status: 400 });
}

/** `data/too-large`. */
export function tooLarge(file: string, what: string, hint: string): ModelkeepError {
  return new ModelkeepError("data/too-large", { message: `${place(file)}: ${what}`, hint, status: 413 });
}

/** A file, and a place in it, as messages name them. */
export function place(file: string, where?: string): string {
  return where === undefined ? quote(file, 200) : `${quote(file, 200)}, ${where}`;
}

/** `data/bad-option`. */
export function badOption(what: string, hint: string): ModelkeepError {
  return new ModelkeepError("data/bad-option", { message: `${what} is not possible`, hint, status: 400, exit: 4 });
}
