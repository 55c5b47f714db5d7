/**
 * Salted commitments: a log may show one to everybody, because without the salt it says nothing about the value, and with
 * the salt and the value it can be opened by hand. HMAC-SHA-256 under a fresh 256-bit key is hiding when the key is unknown
 * and binding because SHA-256 is collision resistant (Halevi and Micali 1996; RFC 2104). Salts are derived from one secret,
 * so none has to be stored: losing the secret on purpose erases every commitment at once.
 */

import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { equalBytes, fromHex, toHex, utf8 } from "./bytes.ts";

/** `hmac-sha256:<64 hex>`. */
export type Commitment = `hmac-sha256:${string}`;

/** The salt of one commitment: HKDF-SHA-256 (RFC 5869) of the secret, bound to a context such as a request id and a tensor's name. */
export function deriveSalt(secret: Uint8Array, ...context: readonly string[]): Uint8Array {
  return hkdf(sha256, secret, undefined, saltInfo(context), 32);
}

/** The HKDF `info` of a context: each part behind its length, so that no two contexts share one. */
export function saltInfo(context: readonly string[]): Uint8Array {
  return utf8(`modelkeep commitment salt v1\n${context.map((part) => `${utf8(part).length}:${part}`).join("")}`);
}

/** Commits to bytes that may come in parts; only their concatenation counts. */
export function commit(salt: Uint8Array, ...parts: readonly Uint8Array[]): Commitment {
  const mac = hmac.create(sha256, salt);
  for (const part of parts) mac.update(part);
  return `hmac-sha256:${toHex(mac.digest())}`;
}

/** Whether a commitment was made to exactly these bytes with this salt. */
export function opens(commitment: string, salt: Uint8Array, ...parts: readonly Uint8Array[]): boolean {
  if (!/^hmac-sha256:[0-9a-f]{64}$/.test(commitment)) return false;
  return equalBytes(fromHex(commitment.slice(12)), fromHex(commit(salt, ...parts).slice(12)));
}
