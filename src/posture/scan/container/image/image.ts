import { isModelkeepError } from "../../../../base/error/index.ts";
import type { ModelkeepError } from "../../../../base/error/index.ts";
import type { Member, Opened } from "../../define.ts";
import type { ScanContext } from "../../engine/context.ts";
import { listAt, textAt } from "../../k8s/fields.ts";
import { malformed } from "../../refuse.ts";
import type { Blobs } from "./blobs.ts";
import { FileTree } from "./file-tree.ts";
import { digestOfSource, filesOf, readLayer } from "./layer.ts";
import type { Layer, LayerProblem } from "./layer.ts";
import { readImages } from "./manifests.ts";
import type { ImagePlan, LayerFile } from "./manifests.ts";
import { packagesOf } from "./packages.ts";

/** One image: its configuration and the file system that its layers make. */
export interface Image {
  readonly name: string;
  /** The configuration document; undefined for what lies beside images (signatures, attestations). */
  readonly config: unknown;
  readonly layers: readonly Layer[];
  readonly tree: FileTree;
  /** Entries that no builder writes. */
  readonly strange: readonly LayerProblem[];
  /** Where bytes are not what a digest, a size or a count promises. */
  readonly lies: readonly string[];
}

declare module "../../subject.ts" {
  interface Subjects {
    image: Image;
  }
}

/** The images of a layout as subjects, and everything in their layers as members. */
export function openImages(blobs: Blobs, context: ScanContext): Opened {
  const reader = new LayerReader(blobs, context);
  const images = readImages(blobs).map((plan) => reader.image(plan));
  const real = images.filter(({ config }) => config !== undefined);
  const packages = context.options.packages === true ? real.flatMap((image) => packagesOf(image)) : undefined;
  return {
    subjects: images.map((value) => ({ type: "image", value })),
    members: reader.members(),
    failure: reader.failure,
    ...(packages === undefined ? {} : { packages }),
  };
}

class LayerReader {
  private readonly blobs: Blobs;
  private readonly context: ScanContext;
  private readonly layers = new Map<string, Layer | undefined>();
  private readonly named = new Set(["index.json", "oci-layout", "manifest.json", "repositories"]);
  failure: ModelkeepError | undefined;

  constructor(blobs: Blobs, context: ScanContext) {
    this.blobs = blobs;
    this.context = context;
  }

  image({ name, config, layers: files, promised }: ImagePlan): Image {
    const layers = files.flatMap((file) => this.layer(file) ?? []);
    const tree = new FileTree();
    const strange: LayerProblem[] = [];
    for (const [at, layer] of layers.entries()) {
      whiteOut(tree, layer, at);
      for (const file of filesOf(layer, at, (path) => tree.get(path))) {
        if ("message" in file) strange.push(file);
        else if (!isWhiteout(file.path)) tree.put(file);
      }
      strange.push(...layer.problems);
    }
    const lies = [
      ...promised.flatMap((file) => this.lieOf(file)),
      ...layers.flatMap((layer) => liesOf(layer.file, layer.digest, layer.sizeBytes)),
      ...(layers.length === files.length ? diffLies(config, layers) : []),
    ];
    return { name, config, layers, tree, strange, lies };
  }

  private layer(file: LayerFile): Layer | undefined {
    this.named.add(file.path);
    if (this.layers.has(file.path)) return this.layers.get(file.path);
    let layer: Layer | undefined;
    try {
      layer = readLayer(this.blobs, file, this.context);
      if (layer.broken !== undefined) this.failure ??= malformed(`the layer ${file.path}: ${layer.broken}`);
    } catch (error) {
      if (!isModelkeepError(error)) throw error;
      this.failure ??= error;
    }
    this.layers.set(file.path, layer);
    return layer;
  }

  private lieOf(file: LayerFile): string[] {
    this.named.add(file.path);
    const blob = this.blobs.open(file.path);
    return blob === undefined ? [] : liesOf(file, digestOfSource(blob, this.context), blob.sizeBytes);
  }

  /** Layers are file systems of their own; what is none, and what no manifest names, is looked at as it stands. */
  *members(): Generator<Member> {
    for (const [path, layer] of this.layers) {
      if (layer?.tar !== undefined) yield { name: path, known: "image-layer", open: () => layer.tar! };
      else if (layer !== undefined) yield { name: path, open: () => this.blobs.open(path)! };
    }
    for (const name of this.blobs.names) {
      // Beside each layer, `docker save` of old wrote its version and its configuration.
      if (this.named.has(name) || /^[0-9a-f]{64}\/(?:VERSION|json|layer\.tar)$/.test(name)) continue;
      yield { name, open: () => this.blobs.open(name)! };
    }
    yield* this.blobs.rest ?? [];
  }
}

const isWhiteout = (path: string): boolean => path.startsWith(".wh.") || path.includes("/.wh.");

/** Whiteouts act on the layers below, wherever in their own layer they stand. */
function whiteOut(tree: FileTree, layer: Layer, at: number): void {
  for (const { path } of layer.entries) {
    const cut = path.lastIndexOf("/");
    const name = path.slice(cut + 1);
    if (!name.startsWith(".wh.")) continue;
    const folder = cut === -1 ? "" : path.slice(0, cut);
    if (name === ".wh..wh..opq") tree.clear(folder, at);
    else tree.remove(folder === "" ? name.slice(4) : `${folder}/${name.slice(4)}`, at);
  }
}

function liesOf({ path, digest, sizeBytes }: LayerFile, found: string, size: number): string[] {
  const lies =
    digest === undefined || digest === found ? [] : [`${path} has the digest ${found}, not the ${digest} it is named by`];
  return sizeBytes === undefined || sizeBytes === size
    ? lies
    : [...lies, `${path} has ${size} bytes, and its descriptor says ${sizeBytes}`];
}

function diffLies(config: unknown, layers: readonly Layer[]): string[] {
  const ids = listAt(config, "rootfs", "diff_ids");
  if (config === undefined || textAt(config, "rootfs", "type") === undefined) return [];
  if (ids.length !== layers.length) return [`its configuration counts ${ids.length} layers, its manifest ${layers.length}`];
  return layers.flatMap(({ diffId, file }, i) =>
    diffId === ids[i] ? [] : [`${file.path} unpacks to ${diffId}, and the configuration says ${String(ids[i]).slice(0, 80)}`],
  );
}
