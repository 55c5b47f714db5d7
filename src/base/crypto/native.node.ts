/** The same functions as the portable ones, by OpenSSL: an order of magnitude faster on messages, thirty times on signatures. */

import { createPrivateKey, createPublicKey, hash, sign, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { ModelkeepError } from "../error/index.ts";
import { fromBase64Url, toBase64Url } from "./bytes.ts";
import { saltInfo } from "./commitment.ts";
import type { Commitment } from "./commitment.ts";
import { checkSeed } from "./ed25519.ts";
import type { SigningKey, VerifySignature } from "./ed25519.ts";
import type {} from "./errors.ts";
import { hmacSha256 } from "./hmac.node.ts";
import type { Sha256 } from "./sha256.ts";

/** SHA-256 by OpenSSL, about 1.5 µs for a log entry. */
export const nativeSha256: Sha256 = (bytes) => hash("sha256", bytes, "buffer");

/** {@link signingKeyFromSeed} by OpenSSL; the secret stays inside a KeyObject. */
export function nativeSigningKey(seed: Uint8Array): SigningKey {
  // PKCS #8 for Ed25519 (RFC 8410, section 7) is this fixed prefix and the seed.
  const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), checkSeed(seed)]);
  return signingKeyOf(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
}

/** A signing key around an Ed25519 private KeyObject. */
function signingKeyOf(privateKey: KeyObject): SigningKey {
  const publicKey = fromBase64Url(createPublicKey(privateKey).export({ format: "jwk" })["x"] as string);
  return { publicKey, sign: (message) => sign(null, message, privateKey) };
}

/** {@link verifyEd25519} by OpenSSL. */
export const nativeVerify: VerifySignature = (publicKey, message, signature) => {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: toBase64Url(publicKey) }, format: "jwk" });
    return verify(null, message, key, signature);
  } catch {
    return false; // not a point of the curve
  }
};

/**
 * The Ed25519 key in a PEM file (PKCS #8, unencrypted), as `openssl genpkey -algorithm ed25519` writes it.
 * @throws `crypto/bad-key` when it is not one
 */
export function signingKeyFromPem(pem: string): SigningKey {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw badPem("is not an unencrypted private key in PEM form", cause);
  }
  if (key.asymmetricKeyType !== "ed25519") throw badPem(`is of type ${key.asymmetricKeyType}, not ed25519`);
  return signingKeyOf(key);
}

function badPem(what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("crypto/bad-key", {
    message: `the key ${what}`,
    hint: "make one with `openssl genpkey -algorithm ed25519`",
    cause,
  });
}

/**
 * {@link deriveSalt} by OpenSSL, for many contexts of one secret: HKDF's first half (RFC 5869, section 2.2) depends on the secret alone, and of
 * its second half (section 2.3) 32 bytes are one HMAC.
 */
export function nativeSaltDeriver(secret: Uint8Array): (...context: readonly string[]) => Uint8Array {
  const key = hmacSha256(Buffer.alloc(32), [secret]);
  return (...context) => new Uint8Array(hmacSha256(key, [saltInfo(context), firstBlock]));
}

const firstBlock = Uint8Array.of(1);

/** {@link commit} by OpenSSL. */
export function nativeCommit(salt: Uint8Array, ...parts: readonly Uint8Array[]): Commitment {
  return `hmac-sha256:${hmacSha256(salt, parts).toString("hex")}`;
}
