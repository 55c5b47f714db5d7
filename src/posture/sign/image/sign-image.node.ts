import { createHash } from "node:crypto";
import { toBase64, utf8 } from "../../../base/crypto/index.ts";
import { bundleMediaType, formatBundle } from "../envelope/bundle.ts";
import { envelopeJson, inTotoPayload, signEnvelope } from "../envelope/dsse.ts";
import type { Envelope } from "../envelope/dsse.ts";
import { statementJson } from "../envelope/statement.ts";
import type { Signer } from "../key/signer.ts";
import { manifestType, readManifest } from "./manifest.ts";
import type { Descriptor } from "./manifest.ts";
import { annotationOf, envelopeType, signingPayload, signPredicate, simpleSigningType } from "./payload.ts";
import { putEmptyConfig } from "./registry.ts";
import type { Repository } from "./registry.ts";

/** Where signatures go: under cosign's tag, as a bundle that refers to the image (cosign 3), or both. */
export type SignatureForm = "tag" | "bundle" | "both";

export interface SignImageOptions {
  readonly repository: Repository;
  /** `registry/repository`, as the signature names it. */
  readonly name: string;
  readonly digest: string;
  readonly signer: Signer;
  readonly form?: SignatureForm | undefined;
}

export interface AttestImageOptions extends SignImageOptions {
  readonly predicateType: string;
  readonly predicate: unknown;
}

/** Digests of the manifests that were written. */
export interface WrittenSignatures {
  readonly tag?: string;
  readonly bundle?: string;
}

/**
 * Signs an image that the registry has, by its digest.
 * @throws `sign/no-such-image`, `sign/registry`
 */
export async function signImage(options: SignImageOptions): Promise<WrittenSignatures> {
  const { repository, name, digest, signer, form = "both" } = options;
  const { descriptor: subject } = await repository.manifest(digest);
  let tag: string | undefined;
  if (form !== "bundle") {
    const payload = signingPayload(name, digest);
    const annotations = { [annotationOf.signature]: toBase64(await signer.sign(payload)), ...certificatesOf(signer) };
    const layer = { ...(await repository.putBlob(payload, simpleSigningType)), annotations };
    tag = await appendLayer(repository, `${digest.replace(":", "-")}.sig`, layer);
  }
  if (form === "tag") return { tag: tag! };
  const envelope = await envelopeFor({ ...options, predicateType: signPredicate, predicate: {} });
  return {
    ...(tag !== undefined && { tag }),
    bundle: await putBundle({ repository, subject, signer, envelope, predicateType: signPredicate }),
  };
}

/**
 * Attests something about an image: provenance, a bill of materials. The statement is signed, and lies beside the image.
 * @throws `sign/no-such-image`, `sign/registry`
 */
export async function attestImage(options: AttestImageOptions): Promise<WrittenSignatures> {
  const { repository, digest, signer, predicateType, form = "both" } = options;
  const { descriptor: subject } = await repository.manifest(digest);
  const envelope = await envelopeFor(options);
  let tag: string | undefined;
  if (form !== "bundle") {
    const annotations = { [annotationOf.signature]: "", [annotationOf.predicate]: predicateType, ...certificatesOf(signer) };
    const layer = { ...(await repository.putBlob(utf8(JSON.stringify(envelopeJson(envelope))), envelopeType)), annotations };
    tag = await appendLayer(repository, `${digest.replace(":", "-")}.att`, layer);
  }
  if (form === "tag") return { tag: tag! };
  return { ...(tag !== undefined && { tag }), bundle: await putBundle({ repository, subject, signer, envelope, predicateType }) };
}

async function envelopeFor({ name, digest, signer, predicateType, predicate }: AttestImageOptions): Promise<Envelope> {
  const subjects = [{ name, digest: { sha256: digest.slice("sha256:".length) } }];
  return signEnvelope(signer, inTotoPayload, utf8(JSON.stringify(statementJson({ subjects, predicateType, predicate }))));
}

function certificatesOf({ certificates }: Signer): Record<string, string> {
  if (certificates.length === 0) return {};
  const [own, ...issuers] = certificates.map(
    (der) => `-----BEGIN CERTIFICATE-----\n${toBase64(der).replace(/.{64}(?=.)/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  );
  return { [annotationOf.certificate]: own!, ...(issuers.length > 0 && { [annotationOf.chain]: issuers.join("") }) };
}

/** Adds a layer under a tag, beside those that others put there. */
async function appendLayer(repository: Repository, tag: string, layer: Descriptor): Promise<string> {
  const before = await repository.findManifest(tag);
  const layers = [...(before === undefined ? [] : readManifest(before.bytes).layers), layer];
  const epoch = "0001-01-01T00:00:00Z";
  const document = {
    architecture: "",
    created: epoch,
    history: layers.map(() => ({ created: epoch })),
    os: "",
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
    config: {},
  };
  const config = await repository.putBlob(utf8(JSON.stringify(document)), "application/vnd.oci.image.config.v1+json");
  return (await repository.putManifest({ schemaVersion: 2, mediaType: manifestType, config, layers }, tag)).digest;
}

interface BundleParts {
  readonly repository: Repository;
  readonly subject: Descriptor;
  readonly signer: Signer;
  readonly envelope: Envelope;
  readonly predicateType: string;
}

async function putBundle({ repository, subject, signer, envelope, predicateType }: BundleParts): Promise<string> {
  const { certificates, publicKey } = signer;
  // cosign names a key by the digest of its DER form, in base 64.
  const hint = createHash("sha256").update(publicKey).digest("base64");
  const bytes = formatBundle(
    envelope,
    certificates.length > 0 ? { method: "certificate", certificates } : { method: "key", hint },
  );
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    artifactType: bundleMediaType,
    config: await putEmptyConfig(repository),
    layers: [await repository.putBlob(bytes, bundleMediaType)],
    subject,
    annotations: {
      "dev.sigstore.bundle.content": "dsse-envelope",
      "dev.sigstore.bundle.predicateType": predicateType,
      "org.opencontainers.image.created": new Date().toISOString(),
    },
  };
  return (await repository.putManifest(manifest)).digest;
}
