/** Ed25519 (RFC 8032) in plain JavaScript: slow to sign (about 1.5 ms), right for a browser. On Node take the native one from the room's Node face. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";

/** A private key that signs and does nothing else; where its secret lies is its own affair. */
export interface SigningKey {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** The 64-byte signature of the message. */
  sign(message: Uint8Array): Uint8Array;
}

/** Whether a 64-byte signature of the message is by this 32-byte public key. Never throws. */
export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

/**
 * The signing key of a 32-byte seed (the "private key" of RFC 8032, 5.1.5).
 * @throws `crypto/bad-key` when the seed is not 32 bytes
 */
export function signingKeyFromSeed(seed: Uint8Array): SigningKey {
  const own = Uint8Array.from(checkSeed(seed));
  return { publicKey: ed25519.getPublicKey(own), sign: (message) => ed25519.sign(message, own) };
}

/** Verification as RFC 8032 and FIPS 186-5 ask, without ZIP 215's leniency: a signature has one accepted form. */
export const verifyEd25519: VerifySignature = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
};

/** @throws `crypto/bad-key` when the seed is not 32 bytes */
export function checkSeed(seed: Uint8Array): Uint8Array {
  if (seed.length === 32) return seed;
  throw new ModelkeepError("crypto/bad-key", {
    message: `an Ed25519 seed has 32 bytes, this one has ${seed.length}`,
    hint: "restore the key file from its backup",
  });
}
