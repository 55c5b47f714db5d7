import { defineFolderKind } from "../../define.ts";
import { blobsInFolder } from "../image/blobs.ts";
import { openImages } from "../image/image.ts";
import { isImage } from "../image/manifests.ts";

const own = /^(?:blobs\/|(?:index|manifest)\.json$|oci-layout$|repositories$|[0-9a-f]{64}(?:\/|\.json$|\.tar$))/;

/** An OCI image layout in a folder (OCI image-spec 1.1, image-layout), or an unpacked `docker save`. */
export const ociLayout = defineFolderKind({
  id: "image",
  title: "container image in a folder",
  family: "container",
  claims: (names, folder) => (names.includes("index.json") || names.includes("manifest.json")) && isImage(folder),
  open(folder, context) {
    const { names, open } = blobsInFolder(folder);
    return openImages({ names: names.filter((name) => own.test(name)), open }, context);
  },
  owns: (path) => own.test(path),
});
