/**
 * Sigstore bundles (github.com/sigstore/protobuf-specs, sigstore_bundle.proto), versions 0.1 to 0.3: a signature with all that is needed to
 * verify it. Model signatures, image signatures and attestations all travel in one.
 */

import { concatBytes, toBase64, utf8 } from "../../../base/crypto/index.ts";
import { z } from "zod";
import type { Envelope } from "./dsse.ts";
import { envelopeJson, envelopeSchema, maxEnvelopeBytes } from "./dsse.ts";
import { base64, checked, malformed, readJson } from "./json.ts";

/** What a bundle says of who signed. Nothing of it is trusted until it is verified. */
export type VerificationMaterial =
  /** A bare key; `hint` names it. Bundles of model-signing before 1.1 carry the key itself instead. */
  | { readonly method: "key"; readonly hint: string; readonly rawKey?: Uint8Array }
  /** A chain, the key's own certificate first, DER. */
  | { readonly method: "certificate"; readonly certificates: readonly Uint8Array[] }
  /** One short-lived certificate of Fulcio, with entries of a transparency log. */
  | { readonly method: "keyless"; readonly certificate: Uint8Array };

export type BundleContent =
  | { readonly kind: "envelope"; readonly envelope: Envelope }
  /** A signature over an artefact's bytes, as `cosign sign-blob` makes it. */
  | { readonly kind: "message"; readonly signature: Uint8Array; readonly digest: Uint8Array; readonly algorithm: string };

export interface Bundle {
  readonly mediaType: string;
  readonly material: VerificationMaterial;
  readonly content: BundleContent;
  /** Whether it carries RFC 3161 timestamps. */
  readonly isTimestamped: boolean;
  /** The document as it was read: what the transparency log and timestamps say is verified on it. */
  readonly json: unknown;
}

/** What new bundles are written as. */
export const bundleMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

const knownMediaType = /^application\/vnd\.dev\.sigstore\.bundle(\+json;version=0\.[123]|\.v0\.[3-9]\+json)$/;

const certificate = z.object({ rawBytes: base64 });
const maxChain = 16;

const material = z.object({
  publicKey: z.object({ hint: z.string().max(1024).nullish(), rawBytes: base64.optional() }).optional(),
  x509CertificateChain: z.object({ certificates: z.array(certificate).min(1).max(maxChain) }).optional(),
  certificate: certificate.optional(),
  tlogEntries: z.array(z.looseObject({})).max(64).nullish(),
  timestampVerificationData: z.object({ rfc3161Timestamps: z.array(z.looseObject({})).max(16).nullish() }).nullish(),
});

const bundleSchema = z.object({
  mediaType: z.string().regex(knownMediaType, "is no media type of a Sigstore bundle that is known here"),
  verificationMaterial: material,
  dsseEnvelope: envelopeSchema.optional(),
  messageSignature: z
    .object({ messageDigest: z.object({ algorithm: z.string().max(64), digest: base64 }), signature: base64 })
    .optional(),
});

/**
 * Takes a bundle apart without verifying anything.
 * @throws `sign/malformed-bundle`
 */
export function parseBundle(bytes: Uint8Array): Bundle {
  const rules = { code: "sign/malformed-bundle", what: "the bundle", maxBytes: maxEnvelopeBytes } as const;
  return bundleOf(readJson(bytes, z.unknown(), rules));
}

/**
 * The same for a document that is JSON already.
 * @throws `sign/malformed-bundle`
 */
export function bundleOf(json: unknown): Bundle {
  const read = checked(json, bundleSchema, { code: "sign/malformed-bundle", what: "the bundle" });
  const { mediaType, verificationMaterial } = read;
  const isTimestamped = (verificationMaterial.timestampVerificationData?.rfc3161Timestamps?.length ?? 0) > 0;
  return { mediaType, material: materialOf(verificationMaterial), content: contentOf(read), isTimestamped, json };
}

function materialOf({
  publicKey,
  x509CertificateChain,
  certificate: single,
  tlogEntries,
}: z.output<typeof material>): VerificationMaterial {
  const present = [publicKey, x509CertificateChain, single].filter((part) => part !== undefined);
  if (present.length !== 1)
    throw malformed("sign/malformed-bundle", `the bundle names its signer in ${present.length} ways, and should in one`);
  if (publicKey !== undefined) {
    const { hint, rawBytes } = publicKey;
    return { method: "key", hint: hint ?? "", ...(rawBytes !== undefined && { rawKey: rawBytes }) };
  }
  const certificates = (x509CertificateChain?.certificates ?? [single!]).map(({ rawBytes }) => rawBytes);
  // Bundles before 0.3 carry a keyless certificate in a chain; the log entry tells them from a chain of one's own.
  const logged = (tlogEntries?.length ?? 0) > 0;
  if (single !== undefined || logged) return { method: "keyless", certificate: certificates[0]! };
  return { method: "certificate", certificates };
}

function contentOf({ dsseEnvelope, messageSignature }: z.output<typeof bundleSchema>): BundleContent {
  if ((dsseEnvelope === undefined) === (messageSignature === undefined))
    throw malformed("sign/malformed-bundle", "the bundle should hold either an envelope or a message signature");
  if (dsseEnvelope !== undefined) return { kind: "envelope", envelope: dsseEnvelope };
  const { messageDigest, signature } = messageSignature!;
  return { kind: "message", signature, digest: messageDigest.digest, algorithm: messageDigest.algorithm };
}

/** The bundle of an envelope signed by a key or under a certificate chain, as a file. */
export function formatBundle(envelope: Envelope, signedBy: Exclude<VerificationMaterial, { method: "keyless" }>): Uint8Array {
  const verificationMaterial =
    signedBy.method === "key"
      ? { publicKey: { hint: signedBy.hint } }
      : { x509CertificateChain: { certificates: signedBy.certificates.map((der) => ({ rawBytes: toBase64(der) })) } };
  const document = {
    mediaType: bundleMediaType,
    verificationMaterial: { ...verificationMaterial, tlogEntries: [] },
    dsseEnvelope: envelopeJson(envelope),
  };
  return concatBytes(utf8(JSON.stringify(document)), utf8("\n"));
}
