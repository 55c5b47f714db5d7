import { createHash, X509Certificate } from "node:crypto";
import { quote } from "../../../base/error/index.ts";
import { verificationKey } from "../key/public-key.node.ts";
import type { VerificationKey } from "../key/verification-key.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { certificateUse, codeSigning } from "./extensions.ts";
import type { CertificateUse } from "./extensions.ts";

/** A certificate with all that a path needs of it. */
interface Certificate {
  readonly x509: X509Certificate;
  readonly use: CertificateUse;
  readonly fingerprint: string;
}

export interface ChainClaim {
  /** DER; the signing key's own certificate first, issuers in any order. Not trusted. */
  readonly certificates: readonly Uint8Array[];
  /** DER; each may end a path, whether it signed itself or not. */
  readonly roots: readonly Uint8Array[];
  readonly nowMs: number;
}

export type ChainVerdict =
  | {
      readonly ok: true;
      readonly key: VerificationKey;
      /** Of the signing key's certificate: alternative names, then the common name. */
      readonly identities: readonly string[];
      /** `sha256:<hex>` of each certificate on the path, the signing key's first. */
      readonly fingerprints: readonly string[];
    }
  | { readonly ok: false; readonly reasons: readonly Reason[] };

/** Longer paths are not looked for. */
const maxPath = 8;

/**
 * Whether a certificate leads to a trusted root: RFC 5280, section 6, without policies and name constraints (a critical one is refused),
 * with revocation left to the policy file.
 */
export function verifyChain({ certificates, roots, nowMs }: ChainClaim): ChainVerdict {
  let given: Certificate[];
  let trusted: Certificate[];
  try {
    given = certificates.map(readCertificate);
    trusted = roots.map(readCertificate);
  } catch (error) {
    return { ok: false, reasons: [reason("untrusted-certificate", `a certificate cannot be read: ${(error as Error).message}`)] };
  }
  const [leaf, ...others] = given;
  if (leaf === undefined) return { ok: false, reasons: [reason("untrusted-certificate", "there is no certificate")] };
  const path = findPath(leaf, others, trusted);
  if (path === undefined) {
    const message = `the certificate of ${nameOf(leaf)} leads to no trusted root`;
    return { ok: false, reasons: [reason("untrusted-certificate", message)] };
  }
  const reasons = [...pathProblems(path, nowMs), ...leafProblems(leaf)];
  if (reasons.length > 0) return { ok: false, reasons };
  return {
    ok: true,
    key: verificationKey(leaf.x509.publicKey),
    identities: identitiesOf(leaf),
    fingerprints: path.map(({ fingerprint }) => fingerprint),
  };
}

function readCertificate(der: Uint8Array): Certificate {
  return {
    x509: new X509Certificate(der),
    use: certificateUse(der),
    fingerprint: `sha256:${createHash("sha256").update(der).digest("hex")}`,
  };
}

/** From the leaf to a root, each certificate issued by the next. */
function findPath(
  last: Certificate,
  others: readonly Certificate[],
  trusted: readonly Certificate[],
  above: readonly Certificate[] = [],
): Certificate[] | undefined {
  const path = [...above, last];
  if (trusted.some(({ fingerprint }) => fingerprint === last.fingerprint)) return path;
  const root = trusted.find((candidate) => issued(candidate, last));
  if (root !== undefined) return [...path, root];
  if (path.length >= maxPath) return undefined;
  for (const next of others) {
    if (path.includes(next) || !issued(next, last)) continue;
    const found = findPath(next, others, trusted, path);
    if (found !== undefined) return found;
  }
  return undefined;
}

function issued(issuer: Certificate, certificate: Certificate): boolean {
  try {
    return issuer.use.isAuthority && certificate.x509.checkIssued(issuer.x509) && certificate.x509.verify(issuer.x509.publicKey);
  } catch {
    return false;
  }
}

function pathProblems(path: readonly Certificate[], nowMs: number): Reason[] {
  const reasons: Reason[] = [];
  for (const [depth, certificate] of path.entries()) {
    const { x509, use } = certificate;
    const name = nameOf(certificate);
    if (nowMs < Date.parse(x509.validFrom))
      reasons.push(reason("not-yet-valid", `the certificate of ${name} is valid from ${x509.validFrom}`));
    if (nowMs > Date.parse(x509.validTo))
      reasons.push(reason("expired", `the certificate of ${name} was valid until ${x509.validTo}`));
    if (use.unknownCritical.length > 0) {
      const message = `the certificate of ${name} has critical extensions that are not known here: ${use.unknownCritical.join(", ")}`;
      reasons.push(reason("untrusted-certificate", message));
    }
    if (depth === 0) continue;
    if (use.keyUsage !== undefined && !use.keyUsage.keyCertSign)
      reasons.push(reason("untrusted-certificate", `the certificate of ${name} may not issue others`));
    if (use.pathLength !== undefined && depth - 1 > use.pathLength)
      reasons.push(reason("untrusted-certificate", `the certificate of ${name} allows a shorter path below it`));
  }
  return reasons;
}

/** Its key may sign: by its usage, or, when that is left out, by being made for code. */
function leafProblems(leaf: Certificate): Reason[] {
  const { keyUsage, extendedKeyUsage } = leaf.use;
  const maySign = keyUsage?.digitalSignature ?? extendedKeyUsage?.includes(codeSigning) ?? false;
  const forCode = extendedKeyUsage === undefined || extendedKeyUsage.includes(codeSigning);
  if (maySign && forCode) return [];
  return [reason("untrusted-certificate", `the certificate of ${nameOf(leaf)} is not made for signing code`)];
}

function identitiesOf({ x509, use }: Certificate): string[] {
  const common = (x509.toLegacyObject().subject as { CN?: string | string[] } | undefined)?.CN ?? [];
  return [...use.alternativeNames, ...(typeof common === "string" ? [common] : common)];
}

function nameOf(certificate: Certificate): string {
  return quote(identitiesOf(certificate)[0] ?? certificate.x509.serialNumber);
}
