import { ModelkeepError } from "../../../base/error/index.ts";
import type {} from "../errors.ts";
import type { SignatureAlgorithm } from "../key/algorithm.ts";

/** What is asked of a key that lies elsewhere. Whoever implements it answers or throws; what it answers is checked. */
export interface KeyBackend {
  /** Names the key, not a secret; written into sealed files. Printable, without spaces. */
  readonly id: string;
  /** SubjectPublicKeyInfo, PEM or DER. @throws `sign/key-service` */
  publicKey(): Promise<string | Uint8Array>;
  /** ECDSA signatures in DER. @throws `sign/key-service` */
  sign(request: SignatureRequest): Promise<Uint8Array>;
  /** @throws `sign/key-service` */
  wrap(bytes: Uint8Array): Promise<Uint8Array>;
  /** @throws `sign/key-service` */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

export interface SignatureRequest {
  readonly algorithm: SignatureAlgorithm;
  readonly message: Uint8Array;
  /** Of the message; undefined where the algorithm hashes it itself (Ed25519). */
  readonly digest: Uint8Array | undefined;
}

/** A key service that refuses or does not answer. `why` is untrusted text, escaped by whoever quotes it. */
export function serviceError(id: string, why: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("sign/key-service", {
    message: `the key service of ${id} does not do it: ${why}`,
    hint: "see that it runs, that the credentials are good, and that the key may be used for this",
    cause,
    status: 502,
  });
}
