import type { Allocate } from "./rows.ts";

/** Memory that is about to be overwritten need not be cleared first; never from Node's pool, because it is handed over whole. */
export const allocate: Allocate = (bytes) => {
  const { buffer, byteOffset, byteLength } = Buffer.allocUnsafeSlow(bytes);
  return new Uint8Array(buffer, byteOffset, byteLength);
};
