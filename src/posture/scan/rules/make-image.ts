/** Small images as `docker save` and OCI tools write them, for the fixtures of rules and for tests. */

import { digestOf, toBase64, utf8 } from "../../../base/crypto/index.ts";
import { makeTar } from "./make-tar.ts";
import type { TarFixture } from "./make-tar.ts";

export interface ImageFixture {
  /** Each layer as its entries, or as the bytes of its blob. */
  readonly layers: readonly (readonly TarFixture[] | Uint8Array)[];
  /** The `config` of the image's configuration; `User: "65532"` when left out. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly history?: readonly Readonly<Record<string, unknown>>[];
  /** Digests of the unpacked layers where they differ from the blobs, or none at all to leave them out. */
  readonly diffIds?: readonly string[];
}

/** The files of an OCI image layout, as Latin-1 text. */
export function imageFiles({ layers, config = { User: "65532" }, history = [], diffIds }: ImageFixture): Record<string, string> {
  const files: Record<string, string> = { "oci-layout": '{"imageLayoutVersion":"1.0.0"}' };
  const put = (bytes: Uint8Array, mediaType: string): { mediaType: string; digest: string; size: number } => {
    const digest = digestOf(bytes);
    files[`blobs/sha256/${digest.slice(7)}`] = latin1(bytes);
    return { mediaType, digest, size: bytes.length };
  };
  const blobs = layers.map((layer) => (layer instanceof Uint8Array ? layer : makeTar(layer)));
  const descriptors = blobs.map((blob) => put(blob, "application/vnd.oci.image.layer.v1.tar"));
  const rootfs = { type: "layers", diff_ids: diffIds ?? descriptors.map(({ digest }) => digest) };
  const document = { architecture: "amd64", os: "linux", config, rootfs, history };
  const configFile = put(utf8(JSON.stringify(document)), "application/vnd.oci.image.config.v1+json");
  const manifest = {
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: configFile,
    layers: descriptors,
  };
  const index = { schemaVersion: 2, manifests: [put(utf8(JSON.stringify(manifest)), manifest.mediaType)] };
  return { ...files, "index.json": JSON.stringify(index) };
}

/** The layout as one archive. */
export function makeImage(image: ImageFixture): Uint8Array {
  return makeTar(Object.entries(imageFiles(image)).map(([name, data]) => ({ name, data })));
}

/** A string that `makeTar` writes back as these bytes. */
export function latin1(bytes: Uint8Array): string {
  return atob(toBase64(bytes));
}
