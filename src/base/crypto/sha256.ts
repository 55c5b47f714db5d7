/** SHA-256 (FIPS 180-4), and the form in which the whole project writes a digest. */

import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { fromHex, toHex } from "./bytes.ts";

/** A SHA-256 of some bytes; code on a hot path takes one as a parameter, so that Node can lend its native one. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** SHA-256 in plain JavaScript: runs everywhere. On Node take `nativeSha256` from the room's Node face. */
export const sha256: Sha256 = (bytes) => nobleSha256(bytes);

/** SHA-256 of what arrives piece by piece. */
export function createSha256(): { update(bytes: Uint8Array): void; digest(): Uint8Array } {
  const state = nobleSha256.create();
  return { update: (bytes) => void state.update(bytes), digest: () => state.digest() };
}

/** `sha256:<64 hex>` of a hash that was computed already. */
export function formatDigest(hash: Uint8Array): string {
  return `sha256:${toHex(hash)}`;
}

/** `sha256:<64 hex>` of the bytes. */
export function digestOf(bytes: Uint8Array, hash: Sha256 = sha256): string {
  return formatDigest(hash(bytes));
}

/** The 32 bytes behind `sha256:<64 hex>`, or undefined when the text is not such a digest. */
export function parseDigest(text: string): Uint8Array | undefined {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? fromHex(text.slice(7)) : undefined;
}
