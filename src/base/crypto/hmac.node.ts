/** HMAC-SHA-256 (RFC 2104) for short messages, by two one-shot hashes: making an OpenSSL context for each message costs three times as much. */

import { createHmac, hash } from "node:crypto";

const blockBytes = 64;
/** Messages up to this long take the short way. */
const maxShortBytes = 65_536;

// One message at a time: nothing in here waits.
const inner = Buffer.allocUnsafeSlow(blockBytes + maxShortBytes);
const outer = Buffer.allocUnsafeSlow(blockBytes + 32);

/** The code of the concatenated parts under a key of at most 64 bytes. */
export function hmacSha256(key: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  let length = blockBytes;
  for (const part of parts) length += part.length;
  if (length > inner.length || key.length > blockBytes) return long(key, parts);
  for (let i = 0; i < blockBytes; i++) {
    const byte = i < key.length ? key[i]! : 0;
    inner[i] = byte ^ 0x36;
    outer[i] = byte ^ 0x5c;
  }
  let at = blockBytes;
  for (const part of parts) {
    inner.set(part, at);
    at += part.length;
  }
  outer.set(hash("sha256", inner.subarray(0, length), "buffer"), blockBytes);
  return hash("sha256", outer, "buffer");
}

function long(key: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}
