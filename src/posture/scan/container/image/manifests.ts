import { malformed, refused } from "../../refuse.ts";
import { listAt, at, textAt, entriesAt } from "../../k8s/fields.ts";
import { readJson } from "./blobs.ts";
import type { Blobs } from "./blobs.ts";

/** A blob that a manifest refers to. */
export interface LayerFile {
  readonly path: string;
  /** `sha256:…`, where the manifest says so. */
  readonly digest?: string;
  readonly sizeBytes?: number;
  readonly mediaType: string;
}

/** One image of a layout, before its layers are opened. */
export interface ImagePlan {
  /** A name, a platform, or a digest: what tells it from its neighbours. */
  readonly name: string;
  /** The configuration as it stands. */
  readonly config: unknown;
  readonly layers: readonly LayerFile[];
  /** Blobs whose digest is promised: manifests and configurations. */
  readonly promised: readonly LayerFile[];
}

const maxImages = 64;
const blobPath = (digest: string): string => `blobs/${digest.replace(":", "/")}`;

/** True for files that are a saved image: an OCI layout, or what `docker save` writes: a list whose entries name layers. */
export function isImage({ open }: Pick<Blobs, "open">): boolean {
  if (open("index.json") !== undefined && open("oci-layout") !== undefined) return true;
  const head = new TextDecoder().decode(open("manifest.json")?.read(0, 1 << 16) ?? new Uint8Array());
  return /^\s*\[\s*\{/.test(head) && /"Layers"\s*:/.test(head);
}

/** All images of a layout, by its index and by the list that `docker load` reads: one file may say both, and differently. */
export function readImages(blobs: Blobs): ImagePlan[] {
  const plans = new Map<string, ImagePlan>();
  const add = (plan: ImagePlan): void => {
    if (plans.size >= maxImages) throw refused(`it holds more than ${maxImages} images`);
    const key = JSON.stringify([plan.config, plan.layers.map(({ path }) => path)]);
    if (!plans.has(key)) plans.set(key, plan);
  };
  if (blobs.names.includes("index.json")) for (const plan of fromIndex(blobs)) add(plan);
  if (blobs.names.includes("manifest.json")) for (const plan of fromSaved(blobs)) add(plan);
  if (plans.size === 0) throw malformed("it names no image");
  return [...plans.values()];
}

/** OCI image layout: `index.json`, then indexes and manifests by digest (OCI image-spec 1.1, image-layout and image-index). */
function* fromIndex(blobs: Blobs): Generator<ImagePlan> {
  const seen = new Set<string>();
  const open: { readonly value: unknown; readonly name: string; readonly promised: readonly LayerFile[] }[] = [
    { value: readJson(blobs, "index.json"), name: "", promised: [] },
  ];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const { value, name, promised } = next;
    const config = at(value, "config");
    if (config !== undefined) {
      const file = layerFile(config);
      const layers = listAt(value, "layers").map(layerFile);
      // Signatures, attestations and bills of materials lie beside images as manifests whose configuration is none.
      const isImageConfig = /image\.config|container\.image/.test(file.mediaType);
      yield { name, config: isImageConfig ? readJson(blobs, file.path) : undefined, layers, promised: [...promised, file] };
      continue;
    }
    for (const manifest of listAt(value, "manifests")) {
      const file = layerFile(manifest);
      if (seen.has(file.path)) continue;
      if (seen.size >= 4 * maxImages) throw refused(`its indexes name more than ${4 * maxImages} manifests`);
      seen.add(file.path);
      if (blobs.open(file.path) === undefined && name !== "") continue; // one platform of several was saved
      open.push({ value: readJson(blobs, file.path), name: nameOf(manifest) ?? name, promised: [...promised, file] });
    }
  }
}

function layerFile(descriptor: unknown): LayerFile {
  const digest = textAt(descriptor, "digest") ?? "";
  if (!/^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/.test(digest)) throw malformed("a descriptor has no digest");
  const size = at(descriptor, "size");
  const mediaType = textAt(descriptor, "mediaType") ?? "";
  return { path: blobPath(digest), digest, mediaType, ...(typeof size === "number" ? { sizeBytes: size } : {}) };
}

function nameOf(manifest: unknown): string | undefined {
  const names = new Map(entriesAt(manifest, "annotations"));
  const name = names.get("io.containerd.image.name") ?? names.get("org.opencontainers.image.ref.name");
  const [os, architecture, variant] = ["os", "architecture", "variant"].map((key) => textAt(manifest, "platform", key));
  const platform = os === undefined ? undefined : [os, architecture, variant].filter((part) => part !== undefined).join("/");
  return typeof name === "string" ? name : (platform ?? textAt(manifest, "digest")?.slice(0, 19));
}

/** `docker save`: a list of `{Config, RepoTags, Layers}` with paths inside the archive. */
function* fromSaved(blobs: Blobs): Generator<ImagePlan> {
  const list = readJson(blobs, "manifest.json");
  if (!Array.isArray(list)) throw malformed("manifest.json is no list of images");
  for (const entry of list) {
    const path = textAt(entry, "Config");
    if (path === undefined) throw malformed("manifest.json names no configuration");
    const layers = listAt(entry, "Layers").map((layer): LayerFile => {
      if (typeof layer !== "string") throw malformed("manifest.json names a layer that is no path");
      return { path: layer, mediaType: "", ...promisedBy(layer) };
    });
    const name = listAt(entry, "RepoTags").find((tag) => typeof tag === "string");
    const config = { path, mediaType: "", ...promisedBy(path) };
    yield { name: typeof name === "string" ? name : "", config: readJson(blobs, path), layers, promised: [config] };
  }
}

/** Names that are digests promise them. */
function promisedBy(path: string): { readonly digest?: string } {
  const hex = /^(?:blobs\/sha256\/)?([0-9a-f]{64})(?:\.json)?$/.exec(path)?.[1];
  return hex === undefined ? {} : { digest: `sha256:${hex}` };
}
