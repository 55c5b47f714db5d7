import { X509Certificate } from "node:crypto";
import type { TrustMaterial } from "@sigstore/verify";
import type { Bundle } from "../envelope/bundle.ts";
import { reason } from "../reason.ts";
import type { Reason, ReasonCode } from "../reason.ts";

export type KeylessVerdict =
  | { readonly ok: true; readonly identity: string; readonly issuer: string; readonly fingerprints: readonly string[] }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** What the library calls what it did not find good, in our words. */
const codes: Readonly<Record<string, ReasonCode>> = {
  CERTIFICATE_ERROR: "untrusted-certificate",
  SIGNATURE_ERROR: "bad-signature",
  TIMESTAMP_ERROR: "bad-transparency",
  TLOG_BODY_ERROR: "bad-transparency",
  TLOG_INCLUSION_PROOF_ERROR: "bad-transparency",
  TLOG_INCLUSION_PROMISE_ERROR: "bad-transparency",
  TLOG_MISSING_INCLUSION_ERROR: "bad-transparency",
  TLOG_ERROR: "bad-transparency",
};

/**
 * A keyless signature against a trusted root: the certificate's chain at a trusted time, its certificate timestamp (RFC 6962), the log's
 * inclusion proof with a signed checkpoint or its promise, RFC 3161 timestamps, and the signature itself. Done by Sigstore's own library;
 * whose identity is welcome is decided by the caller.
 */
export async function verifyKeyless(bundle: Bundle, root: TrustMaterial, artefact?: Uint8Array): Promise<KeylessVerdict> {
  const [{ bundleFromJSON }, { toSignedEntity, Verifier }] = await Promise.all([
    import("@sigstore/bundle"),
    import("@sigstore/verify"),
  ]);
  try {
    const read = bundleFromJSON(bundle.json);
    const entity = toSignedEntity(read, artefact === undefined ? undefined : Buffer.from(artefact));
    const { identity } = new Verifier(root, { ctlogThreshold: 1, tlogThreshold: 1, timestampThreshold: 1 }).verify(entity);
    const { subjectAlternativeName, extensions } = identity ?? {};
    if (subjectAlternativeName === undefined || extensions?.issuer === undefined)
      return { ok: false, reasons: [reason("untrusted-certificate", "the certificate names no identity and issuer")] };
    return { ok: true, identity: subjectAlternativeName, issuer: extensions.issuer, fingerprints: [fingerprintOf(bundle)] };
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    return { ok: false, reasons: [reason(codes[code] ?? "malformed-bundle", message.split("\n")[0]!)] };
  }
}

function fingerprintOf({ material }: Bundle): string {
  const der = material.method === "keyless" ? material.certificate : new Uint8Array();
  return `sha256:${new X509Certificate(der).fingerprint256.replaceAll(":", "").toLowerCase()}`;
}
