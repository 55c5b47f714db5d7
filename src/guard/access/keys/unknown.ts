import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import { idOf } from "./format.ts";

/** The error for a key id that names nothing. A whole key in the place of its id is cut to the id, so no secret is repeated. */
export function unknownKey(id: string): ModelkeepError {
  return new ModelkeepError("access/unknown-key", {
    message: `there is no key ${quote(idOf(id))}`,
    hint: "`modelkeep keys list` shows the ids",
    status: 404,
  });
}

/** The error for a principal's name that names nobody. */
export function unknownPrincipal(name: string, known: readonly string[]): ModelkeepError {
  const near = nearest(name, known);
  return new ModelkeepError("access/unknown-principal", {
    message: `there is no principal ${quote(name)}`,
    hint: near === undefined ? "a principal is made with its first key" : `did you mean ${quote(near)}?`,
    status: 404,
  });
}
