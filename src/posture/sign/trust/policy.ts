/** Whom to believe about what: the trust policy as it is after reading. */

import type { TrustMaterial } from "@sigstore/verify";
import type { VerificationKey } from "../key/verification-key.ts";

export interface TrustPolicy {
  readonly signers: readonly TrustedSigner[];
  readonly revoked: readonly Revocation[];
}

export type TrustedSigner = SignerRules & SignerProof;

export interface SignerRules {
  /** How reports and the audit log call the signer. */
  readonly name: string;
  /** Patterns of what it may sign; `*` stands for any characters. */
  readonly scope: readonly string[];
  /** From this instant on, milliseconds since the epoch. */
  readonly startsMs: number;
  /** Up to, and not including, this instant. */
  readonly expiresMs: number;
}

/** How a signer proves to be who it is. */
export type SignerProof =
  | { readonly method: "key"; readonly key: VerificationKey }
  | {
      readonly method: "certificate";
      /** DER. */
      readonly roots: readonly Uint8Array[];
      /** Pattern over the certificate's names; any when left out. */
      readonly identity: string | undefined;
    }
  | {
      readonly method: "keyless";
      /** Pattern over the certificate's subject alternative name. */
      readonly identity: string;
      /** Address of the OpenID provider, exactly. */
      readonly issuer: string;
      readonly trustedRoot: TrustMaterial;
    };

/** A key, a certificate, a model or a file that is believed no longer, whoever signed it. */
export interface Revocation {
  /** `sha256:<hex>`: of a key's SubjectPublicKeyInfo, a certificate's DER, a model's root digest, a file. */
  readonly digest: string;
  readonly reason: string;
}

/** Whether a pattern fits a text whole. `*` stands for any characters, also none; everything else for itself. */
export function fits(pattern: string, text: string): boolean {
  const [head = "", ...rest] = pattern.split("*");
  const tail = rest.pop();
  if (tail === undefined) return pattern === text;
  if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
