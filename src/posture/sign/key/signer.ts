import type { SignatureAlgorithm } from "./algorithm.ts";

/**
 * A key that signs, wherever it lies: in a file, on a token (PKCS #11), behind a service (KMS). Whoever implements it never shows the
 * secret; whoever uses it never asks for it.
 */
export interface Signer {
  readonly algorithm: SignatureAlgorithm;
  /** SubjectPublicKeyInfo, DER (RFC 5280, section 4.1.2.7). */
  readonly publicKey: Uint8Array;
  /** DER certificates of the key: the key's own first, then its issuers. Empty for a bare key. */
  readonly certificates: readonly Uint8Array[];
  /** Signs a message, which it hashes itself as its algorithm says. ECDSA signatures are DER (RFC 3279, section 2.2.3). */
  sign(message: Uint8Array): Promise<Uint8Array>;
  /** Lets go of a session or a connection. */
  close(): Promise<void>;
}
