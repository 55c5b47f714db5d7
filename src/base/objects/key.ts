import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";

const part = /^[A-Za-z0-9_=@+-][A-Za-z0-9._=@+-]*$/;
/** What a folder store appends to a file while it writes it; not a key, so never listed. */
export const partialSuffix = ".~part";

/**
 * Refuses keys that are not plain relative names: a key becomes a file name and a URL path.
 *
 * @throws `objects/bad-key`
 */
export function assertKey(key: string): void {
  const fine =
    key.length <= 512 && key.split("/").every((name) => name.length <= 200 && part.test(name) && !name.endsWith(partialSuffix));
  if (fine) return;
  throw new ModelkeepError("objects/bad-key", {
    message: `${quote(key)} is no object key`,
    hint: "parts of letters, digits and `._=@+-`, joined by `/`, none starting with a dot",
    status: 400,
  });
}
