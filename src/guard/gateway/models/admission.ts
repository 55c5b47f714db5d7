import type { Json } from "../../../base/evidence/index.ts";
import type { SignedBy } from "../../../posture/sign/index.node.ts";

/** What the gate found out about a file that it let through, or turned away: it goes into the audit log with the model. */
export interface Admission {
  /** `bundled`: made by us and known by its digest. `unfinished`: turned away before, or while, it was scanned. */
  readonly scan: "passed" | "refused" | "bundled" | "unfinished";
  /** Rules that found something, most of them below the severity that refuses. */
  readonly findings: readonly string[];
  readonly signature: AdmittedSignature | undefined;
  /** Digest of the file as it lies on disk, when it is sealed. */
  readonly sealed: string | undefined;
}

export interface AdmittedSignature {
  /** `none`: there is no signature. `refused`: there is one, and it is not believed. */
  readonly verdict: "verified" | "refused" | "none" | "bundled";
  readonly by?: SignedBy | undefined;
  /** Root digest of what was signed. */
  readonly digest?: string | undefined;
  readonly reasons: readonly string[];
}

/** As an entry of the log holds it. */
export function admissionDetail({ scan, findings, signature, sealed }: Admission): { [key: string]: Json } {
  return {
    scan,
    ...(findings.length > 0 && { findings }),
    ...(signature !== undefined && { signature: signatureDetail(signature) }),
    ...(sealed !== undefined && { sealed }),
  };
}

function signatureDetail({ verdict, by, digest, reasons }: AdmittedSignature): Json {
  return {
    verdict,
    ...(by !== undefined && {
      signer: by.signer,
      method: by.method,
      fingerprint: by.fingerprints[0] ?? "",
      ...(by.identity !== undefined && { identity: by.identity }),
      ...(by.issuer !== undefined && { issuer: by.issuer }),
    }),
    ...(digest !== undefined && { digest }),
    ...(reasons.length > 0 && { reasons }),
  };
}
