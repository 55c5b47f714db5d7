import type { SignatureAlgorithm } from "./algorithm.ts";

/** A key that verifies. */
export interface VerificationKey {
  readonly algorithm: SignatureAlgorithm;
  /** `sha256:<hex>` of SubjectPublicKeyInfo, DER: how a policy and a report name the key. */
  readonly fingerprint: string;
  /** SHA-256 of the PEM text in hexadecimal: how a Model Signing bundle hints at the key. */
  readonly hint: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly spki: Uint8Array;
  /**
   * Whether the signature is of this message by this key. Never throws. `digest` replaces the one that follows from the key: only for
   * formats that fixed another one before there was a rule (cosign's SHA-256 for every curve).
   */
  verify(message: Uint8Array, signature: Uint8Array, digest?: "sha256"): boolean;
}
