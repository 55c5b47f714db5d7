import { isModelkeepError } from "../../../base/error/index.ts";
import { parseBundle } from "../envelope/bundle.ts";
import type { Bundle } from "../envelope/bundle.ts";
import { parseEnvelope } from "../envelope/dsse.ts";
import { bundleOf } from "../envelope/bundle.ts";
import { envelopeJson } from "../envelope/dsse.ts";
import { reason } from "../reason.ts";
import type { Reason } from "../reason.ts";
import { legacyBundle } from "./legacy-bundle.node.ts";
import { readManifest } from "./manifest.ts";
import type { Descriptor } from "./manifest.ts";
import { envelopeType, simpleSigningType } from "./payload.ts";
import type { Repository } from "./registry.ts";

/** One thing that someone signed about an image, not verified yet. */
export interface FoundSignature {
  /** Where it lay: under a tag of cosign's, or as a bundle that refers to the image. */
  readonly form: "tag" | "bundle";
  readonly bundle: Bundle;
  /** The signed bytes, where the bundle holds a signature over them. */
  readonly artefact?: Uint8Array;
}

export interface Findings {
  readonly signatures: readonly FoundSignature[];
  /** What was found and could not be read. */
  readonly reasons: readonly Reason[];
}

/** Nobody needs to look at more; who fills a repository with signatures must not keep us busy for ever. */
const maxSignatures = 50;
const maxSignatureBytes = 32 << 20;
const bundleType = /^application\/vnd\.dev\.sigstore\.bundle/;

/**
 * Everything that is signed about a digest: cosign's tags `sha256-….sig` and `.att`, and Sigstore bundles that refer to it.
 * @throws `sign/registry`
 */
export async function findSignatures(repository: Repository, digest: string): Promise<Findings> {
  const signatures: FoundSignature[] = [];
  const reasons: Reason[] = [];
  const take = async (read: () => Promise<FoundSignature>): Promise<void> => {
    if (signatures.length + reasons.length >= maxSignatures) return;
    try {
      signatures.push(await read());
    } catch (error) {
      if (isModelkeepError(error) && error.code === "sign/registry") throw error;
      reasons.push(reason("malformed-bundle", isModelkeepError(error) ? error.message : "a signature cannot be read"));
    }
  };
  for (const layer of await layersUnder(repository, digest, ".sig"))
    if (layer.mediaType === simpleSigningType) await take(() => simpleSignature(repository, layer));
  for (const layer of await layersUnder(repository, digest, ".att"))
    if (layer.mediaType === envelopeType) await take(() => attestation(repository, layer));
  for (const referrer of await repository.referrers(digest)) {
    if (
      !bundleType.test(referrer.artifactType ?? referrer.annotations?.["dev.sigstore.bundle.content"] ?? "") &&
      !mayBeBundle(referrer)
    )
      continue;
    await take(() => bundleIn(repository, referrer.digest));
  }
  return { signatures, reasons };
}

/** Registries that answer without the type of an artefact leave it to the reader to look. */
const mayBeBundle = ({ artifactType, annotations }: Descriptor): boolean =>
  artifactType === undefined || Object.keys(annotations ?? {}).some((key) => key.startsWith("dev.sigstore.bundle"));

async function layersUnder(repository: Repository, digest: string, suffix: string): Promise<readonly Descriptor[]> {
  const found = await repository.findManifest(`${digest.replace(":", "-")}${suffix}`);
  return found === undefined ? [] : readManifest(found.bytes).layers;
}

async function simpleSignature(repository: Repository, layer: Descriptor): Promise<FoundSignature> {
  const artefact = await repository.blob(layer, maxSignatureBytes);
  return { form: "tag", bundle: legacyBundle(layer.annotations ?? {}, artefact), artefact };
}

async function attestation(repository: Repository, layer: Descriptor): Promise<FoundSignature> {
  const envelope = parseEnvelope(await repository.blob(layer, maxSignatureBytes));
  const material = legacyBundle(layer.annotations ?? {}, new Uint8Array()).json as {
    mediaType: string;
    verificationMaterial: object;
  };
  const { mediaType, verificationMaterial } = material;
  return { form: "tag", bundle: bundleOf({ mediaType, verificationMaterial, dsseEnvelope: envelopeJson(envelope) }) };
}

async function bundleIn(repository: Repository, digest: string): Promise<FoundSignature> {
  const { layers } = readManifest((await repository.manifest(digest)).bytes);
  const layer = layers.find(({ mediaType }) => bundleType.test(mediaType));
  return {
    form: "bundle",
    bundle: parseBundle(layer === undefined ? new Uint8Array() : await repository.blob(layer, maxSignatureBytes)),
  };
}
