/**
 * The payload of an age file: STREAM over ChaCha20-Poly1305 in chunks of 64 KiB (c2sp.org/age, section "Payload"). Here by OpenSSL, which is
 * several times as fast as JavaScript; the header, where the keys are, is left to the age library.
 */

import { createCipheriv, createDecipheriv, hkdfSync } from "node:crypto";
import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

export const nonceBytes = 16;
export const chunkBytes = 1 << 16;
const tagBytes = 16;
const algorithm = "chacha20-poly1305";

/** Encrypts and decrypts the chunks of one payload, in order. */
export class PayloadKey {
  readonly #key: Uint8Array;

  constructor(fileKey: Uint8Array, nonce: Uint8Array) {
    this.#key = new Uint8Array(hkdfSync("sha256", fileKey, nonce, "payload", 32));
  }

  /** One chunk of at most 64 KiB, sealed. Only the last may be shorter, and only an empty file's may be empty. */
  seal(chunk: Uint8Array, index: number, isLast: boolean): Uint8Array {
    const cipher = createCipheriv(algorithm, this.#key, nonceOf(index, isLast), { authTagLength: tagBytes });
    return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws `sign/cannot-open` */
  open(sealed: Uint8Array, index: number, isLast: boolean): Uint8Array {
    const decipher = createDecipheriv(algorithm, this.#key, nonceOf(index, isLast), { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    try {
      const chunk = decipher.update(sealed.subarray(0, sealed.length - tagBytes));
      decipher.final();
      return chunk;
    } catch (cause) {
      throw cannotOpen("it was cut, or changed, after it was sealed", cause);
    }
  }
}

/**
 * A whole payload, in memory and nowhere else.
 * @throws `sign/cannot-open` when a bit of it is another, or its end is missing
 */
export function openPayload(payload: Uint8Array, key: PayloadKey): Uint8Array {
  const full = chunkBytes + tagBytes;
  const count = Math.max(1, Math.ceil(payload.length / full));
  const sizeBytes = payload.length - count * tagBytes;
  if (payload.length < tagBytes || sizeBytes < 0 || (count > 1 && sizeBytes <= (count - 1) * chunkBytes))
    throw cannotOpen("it was cut after it was sealed");
  const out = new Uint8Array(sizeBytes);
  for (let index = 0; index < count; index++) {
    const sealed = payload.subarray(index * full, Math.min(payload.length, (index + 1) * full));
    const chunk = key.open(sealed, index, index === count - 1);
    out.set(chunk, index * chunkBytes);
    chunk.fill(0);
  }
  return out;
}

/** An 11-byte counter, big end first, and a byte that tells the last chunk. */
function nonceOf(index: number, isLast: boolean): Uint8Array {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

export function cannotOpen(why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/cannot-open", {
    message: `the sealed file cannot be opened: ${why}`,
    hint: "give the identity of one of its recipients, and the file as it was sealed",
    cause,
  });
}
