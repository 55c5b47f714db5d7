import type { Hit } from "../../define.ts";
import type { ImageFile } from "./file-tree.ts";
import type { Image } from "./image.ts";

/** Findings name the path in the image, and the layer that brought it. */
export function fileHit(image: Image, { path, layer }: Pick<ImageFile, "path" | "layer">, hit: Omit<Hit, "where">): Hit {
  const { digest = "" } = image.layers[layer] ?? {};
  const from = image.layers.length > 1 ? ` (layer ${layer + 1} of ${image.layers.length}, ${digest.slice(0, 19)})` : "";
  return imageHit(image, { ...hit, message: `/${path} ${hit.message}${from}`, evidence: hit.evidence ?? `/${path}` });
}

/** The image's name is the scope, where an archive holds several. */
export function imageHit({ name }: Image, hit: Hit): Hit {
  return { ...hit, ...(name === "" ? {} : { scope: name }) };
}

/** Mode bits as people write them. */
export const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
