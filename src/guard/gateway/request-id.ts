import { toHex } from "../../base/crypto/index.ts";
import type { Random } from "../../base/port/index.ts";

/** Ids that are unique for ever and cost nothing: random once for each start, then counted. */
export function createRequestIds(random: Random): () => string {
  const start = toHex(random.bytes(6));
  let count = 0;
  return () => `${start}-${(++count).toString(36)}`;
}
