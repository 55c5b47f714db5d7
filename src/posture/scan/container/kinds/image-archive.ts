import { isModelkeepError } from "../../../../base/error/index.ts";
import type { ByteSource } from "../../bytes/source.ts";
import { defineKind } from "../../define.ts";
import { hasChecksum } from "../../tar/read.ts";
import { blobsInTar } from "../image/blobs.ts";
import { openImages } from "../image/image.ts";
import { isImage } from "../image/manifests.ts";

/** What `docker save`, `podman save`, `buildx --output type=oci` and `crane pull` write: an image and its layers in one tar archive. */
export const imageArchive = defineKind({
  id: "image",
  title: "container image (docker save, OCI archive)",
  family: "container",
  order: 96.5,
  of: "tar",
  sniff: ({ head, source }) => head.length >= 512 && hasChecksum(head) && holdsImage(source),
  open: (source, context) => openImages(blobsInTar(source, context.limits.maxMembers), context),
});

/** An archive that breaks off, or has too many members, is told of by the kind that takes any tar archive. */
function holdsImage(source: ByteSource): boolean {
  try {
    return isImage(blobsInTar(source, 100_000));
  } catch (error) {
    if (isModelkeepError(error)) return false;
    throw error;
  }
}
