/** Images as bytes, decoded by `sharp` in its own threads, so that the caller's never waits. */

import type sharp from "sharp";
import type { Sharp } from "sharp";
import { ModelkeepError, isModelkeepError } from "../../../base/error/index.ts";
import { readDataFile } from "../file.node.ts";
import { malformed, tooLarge, unsupported } from "../refuse.ts";

export interface ImageOptions {
  /** 1: grey, 3: red, green, blue; without it grey when all images are. */
  readonly channels?: 1 | 3;
  /** Brings all images to one size, not keeping their proportions; without it they must have one. */
  readonly resize?: { readonly width: number; readonly height: number };
  /** Most pixels of an image, looked at before it is decoded; 2^26. */
  readonly maxPixels?: number;
}

/** What an image says of itself before it is decoded. */
export interface ImageFacts {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Formats that are pixels. SVG and PDF, which sharp knows too, are programs that draw. */
const formats = new Set(["png", "jpeg", "webp", "gif", "tiff", "heif"]);
const maxFileBytes = 2 ** 28;

async function open(path: string, maxPixels: number): Promise<{ image: Sharp; facts: ImageFacts }> {
  const bytes = await readDataFile(path, { maxBytes: maxFileBytes });
  return openBytes(path, bytes, { maxPixels, failOn: "error" });
}

async function openBytes(
  path: string,
  bytes: Uint8Array,
  { maxPixels, failOn }: { readonly maxPixels: number; readonly failOn: "error" | "none" },
): Promise<{ image: Sharp; facts: ImageFacts }> {
  const library = await loadSharp();
  const image = library(bytes, { limitInputPixels: maxPixels, failOn, sequentialRead: true });
  const { format, width = 0, height = 0, channels = 3, space } = await guard(path, () => image.metadata());
  if (!formats.has(format ?? ""))
    throw unsupported(path, `it is ${format ?? "no image"}`, "store images as PNG, JPEG, WebP, GIF, TIFF or AVIF");
  if (width * height > maxPixels)
    throw tooLarge(path, `${width} × ${height} pixels are more than ${maxPixels}`, "make it smaller");
  const isGrey = channels <= 2 || space === "b-w" || space === "grey16";
  return { image, facts: { width, height, channels: isGrey ? 1 : 3 } };
}

/**
 * @throws data/malformed, data/unsupported, data/too-large, data/no-file, data/missing-package
 */
export async function imageFacts(path: string, { maxPixels = 2 ** 26 }: ImageOptions = {}): Promise<ImageFacts> {
  return (await open(path, maxPixels)).facts;
}

/**
 * An image's bytes, channel by channel (CHW). Transparency is dropped, as PIL's `convert` does, and the orientation that EXIF may name is
 * not applied: pixels come as they are stored. Of an animation, the first picture.
 *
 * @throws as {@link imageFacts}, and data/malformed when the size is another
 */
export async function decodeImage(path: string, wanted: ImageFacts, options: ImageOptions = {}): Promise<Uint8Array> {
  const { image, facts } = await open(path, options.maxPixels ?? 2 ** 26);
  const { width, height, channels } = wanted;
  if (options.resize === undefined && (facts.width !== width || facts.height !== height)) throw otherSize(path, facts, wanted);
  const sized = options.resize === undefined ? image : image.resize(width, height, { fit: "fill" });
  const coloured = sized.removeAlpha().toColourspace(channels === 1 ? "b-w" : "srgb");
  const pixels = await guard(path, () => coloured.raw({ depth: "uchar" }).toBuffer());
  const plane = width * height;
  if (pixels.length !== plane * channels) throw malformed(path, `it decodes to ${pixels.length} bytes`);
  const out = new Uint8Array(pixels.length);
  for (let c = 0; c < channels; c++) for (let i = 0; i < plane; i++) out[c * plane + i] = pixels[i * channels + c]!;
  return out;
}

/** A picture as a person sees it: red, green and blue, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface PictureOptions {
  /** Most pixels, looked at before it is decoded; 2^26. */
  readonly maxPixels?: number;
  /** Larger pictures are brought down to this side, keeping their proportions; 1600. */
  readonly maxSide?: number;
}

/**
 * A picture out of a mail or a page, as programs show it: transparency on white, turned as EXIF says, and what can be seen of a file that
 * breaks off. Of an animation, the first picture.
 * @param name how messages call it
 * @throws data/malformed, data/unsupported, data/too-large, data/missing-package
 */
export async function decodePicture(name: string, bytes: Uint8Array, options: PictureOptions = {}): Promise<Picture> {
  const { maxPixels = 2 ** 26, maxSide = 1600 } = options;
  const { image } = await openBytes(name, bytes, { maxPixels, failOn: "none" });
  const shown = image
    .autoOrient()
    .resize(maxSide, maxSide, { fit: "inside", withoutEnlargement: true })
    .flatten({ background: "#ffffff" })
    .toColourspace("srgb");
  const { data, info } = await guard(name, () => shown.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true }));
  return { width: info.width, height: info.height, data };
}

/** `data/malformed`: an image of another size than the images before it. */
export function otherSize(path: string, found: ImageFacts, wanted: ImageFacts): ModelkeepError {
  const what = `it is ${found.width} × ${found.height}, the images before it are ${wanted.width} × ${wanted.height}`;
  return malformed(path, what, {
    hint: "bring all images to one size, or say it: `--resize 32x32`, in a program `image: { resize }`",
  });
}

/** Loaded by the first image; some systems have no build of it. */
async function loadSharp(): Promise<typeof sharp> {
  try {
    return (await import("sharp")).default;
  } catch (cause) {
    throw new ModelkeepError("data/missing-package", {
      message: "images are decoded by the npm package `sharp`, which cannot be loaded",
      hint: "npm install sharp",
      cause,
      status: 400,
    });
  }
}

async function guard<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (isModelkeepError(cause)) throw cause;
    const what = cause instanceof Error ? cause.message.split("\n", 1)[0]!.slice(0, 120) : "unreadable";
    if (/pixel limit/i.test(what)) throw tooLarge(path, "it has more pixels than are read", "make it smaller");
    throw malformed(path, `it is no readable image (${what})`);
  }
}
