import { formatDigest } from "../../../../base/crypto/index.ts";
import { partOf } from "../../bytes/source.ts";
import type { ByteSource } from "../../bytes/source.ts";
import type { ScanContext } from "../../engine/context.ts";
import { memoryScratch } from "../../engine/scratch.ts";
import { hasChecksum, isRegular, readTar } from "../../tar/read.ts";
import type { TarEntry } from "../../tar/read.ts";
import { malformed } from "../../refuse.ts";
import type { Blobs } from "./blobs.ts";
import type { ImageFile } from "./file-tree.ts";
import type { LayerFile } from "./manifests.ts";
import { unpackLayer } from "./unpack-layer.ts";

/** Entries of one layer: what a large Python environment has, ten times over. */
const maxEntries = 1_000_000;
const maxPathParts = 256;

/** Something about a layer that no builder writes. */
export interface LayerProblem {
  readonly path: string;
  readonly message: string;
}

/** A layer that was unpacked and read. */
export interface Layer {
  readonly file: LayerFile;
  /** Undefined where the blob is no tar archive: an attestation, a model, a configuration. */
  readonly tar?: ByteSource;
  /** `sha256:…` of the blob, and of what it unpacks to. */
  readonly digest: string;
  readonly diffId: string;
  readonly sizeBytes: number;
  readonly entries: readonly (TarEntry & { readonly path: string })[];
  readonly problems: readonly LayerProblem[];
  /** Set where it breaks off. */
  readonly broken?: string;
}

/** @throws scan/malformed where the blob is missing, scan/refused for a bomb */
export function readLayer(blobs: Blobs, file: LayerFile, context: ScanContext): Layer {
  const blob = blobs.open(file.path);
  if (blob === undefined) throw malformed(`the layer ${file.path} is missing`);
  const about = { file, digest: digestOfSource(blob, context), sizeBytes: blob.sizeBytes };
  const { source, broken } = unpackLayer(blob, context);
  const diffId = source === blob ? about.digest : digestOfSource(source, context);
  const head = source.read(0, 512);
  const isTar = head.every((byte) => byte === 0) || (head.length === 512 && hasChecksum(head));
  if (!isTar) return { ...about, diffId, entries: [], problems: [], ...(broken === undefined ? {} : { broken }) };
  const read = readTar(source, maxEntries);
  const problems: LayerProblem[] = [];
  const entries = read.entries.flatMap((entry) => {
    const path = insidePath(entry.name);
    if (path === undefined) problems.push({ path: entry.name.slice(0, 300), message: "its path leads outside the image" });
    return path === undefined || path === "" ? [] : [{ ...entry, path }];
  });
  const end = broken ?? read.broken;
  return { ...about, tar: source, diffId, entries, problems, ...(end === undefined ? {} : { broken: end }) };
}

/** A path from the root, as engines take it: leading slashes and dots mean nothing. Undefined where it goes up or is absurdly deep. */
export function insidePath(name: string): string | undefined {
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") || parts.length > maxPathParts ? undefined : parts.join("/");
}

export function digestOfSource(source: ByteSource, { scratch }: ScanContext): string {
  const hash = (scratch ?? memoryScratch(0)).sha256();
  for (let at = 0; at < source.sizeBytes; at += 1 << 20) hash.update(source.read(at, 1 << 20));
  return formatDigest(hash.digest());
}

const types: Readonly<Record<string, ImageFile["type"]>> = {
  "2": "symlink",
  "3": "device",
  "4": "device",
  "5": "folder",
  "6": "pipe",
};

/** The files of a layer in its order. A hard link is the file that it names, which must be there: in this layer or, by `below`, in one before. */
export function* filesOf(
  layer: Layer,
  at: number,
  below: (path: string) => ImageFile | undefined,
): Generator<ImageFile | LayerProblem> {
  const { tar } = layer;
  if (tar === undefined) return;
  for (const entry of layer.entries) {
    const { path, mode, uid, hasCapabilities, sizeBytes, type } = entry;
    const facts = { path, mode: mode & 0o7777, uid, hasCapabilities, layer: at };
    if (type === "1") {
      const wanted = insidePath(entry.link);
      const target = wanted === undefined ? undefined : below(wanted);
      if (target?.source === undefined)
        yield { path, message: `it is a hard link to ${entry.link.slice(0, 200)}, which is no file of the image` };
      else yield { ...facts, type: "file", sizeBytes: target.sizeBytes, source: target.source };
      continue;
    }
    const known = types[type];
    if (known !== undefined) yield { ...facts, type: known, sizeBytes: 0 };
    else {
      if (!isRegular(type)) yield { path, message: `its type is ${JSON.stringify(type)}, which programs read differently` };
      yield { ...facts, type: "file", sizeBytes, source: partOf(tar, entry.data, sizeBytes) };
    }
  }
}
