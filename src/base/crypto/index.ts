export type {} from "./errors.ts";
export {
  concatBytes,
  equalBytes,
  fromBase64,
  fromBase64Url,
  fromHex,
  fromUtf8,
  toBase64,
  toBase64Url,
  toHex,
  utf8,
} from "./bytes.ts";
export { canonicalJson } from "./canonical.ts";
export { commit, deriveSalt, opens } from "./commitment.ts";
export type { Commitment } from "./commitment.ts";
export { signingKeyFromSeed, verifyEd25519 } from "./ed25519.ts";
export type { SigningKey, VerifySignature } from "./ed25519.ts";
export { formatSignerKey, formatVerifierKey, isKeyName, parseSignerKey, parseVerifierKey, verifierKey } from "./note-key.ts";
export type { VerifierKey } from "./note-key.ts";
export { createSha256, digestOf, formatDigest, parseDigest, sha256 } from "./sha256.ts";
export type { Sha256 } from "./sha256.ts";
