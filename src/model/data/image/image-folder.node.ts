/** Folders of images as examples. */

import { availableParallelism } from "node:os";
import { labelColumn, scaledColumn, tensorColumn } from "../dataset/column.ts";
import type { Field, IndexedDataset } from "../dataset/dataset.ts";
import { createDataset } from "../dataset/indexed.ts";
import { createLazyDataset } from "../dataset/lazy.ts";
import type { StreamDataset } from "../dataset/stream.ts";
import type { ClassFolder, FolderFile } from "../folder/class-folder.node.ts";
import type { ImageFacts, ImageOptions } from "./decode.node.ts";
import { decodeImage, imageFacts, otherSize } from "./decode.node.ts";

/** Up to so many bytes of pixels are brought into memory at once, where they can be split and taken in any order. */
const memoryBytes = 2 ** 30;

/**
 * `x` float32 in [0, 1] of channels × height × width, and `y` the class when there are any. In memory up to 1 GiB of pixels, else decoded as
 * they are used, a few batches ahead.
 *
 * @throws data/malformed naming the first image of another size; what decoding throws
 */
export async function openImageFolder(
  name: string,
  folder: ClassFolder,
  options: ImageOptions,
): Promise<IndexedDataset | StreamDataset> {
  const { files, classes } = folder;
  const facts = await commonFacts(files, options);
  const dims = [facts.channels, facts.height, facts.width];
  const width = dims.reduce((a, b) => a * b, 1);
  const isLabelled = files[0]!.label !== undefined;
  const target = isLabelled ? "y" : undefined;
  const labels = Uint32Array.from(files, ({ label = 0 }) => label);

  const pixelsOf = async (rows: Uint32Array): Promise<Uint8Array> => {
    const out = new Uint8Array(rows.length * width);
    await eachOf(rows, async (row, i) => out.set(await decodeImage(files[row]!.path, facts, options), i * width));
    return out;
  };
  const load = async (): Promise<IndexedDataset> => {
    const data = await pixelsOf(Uint32Array.from(files, (_, i) => i));
    const x = scaledColumn("x", { type: "uint8", dims: [files.length, width], data }, { scale: 255, dims });
    return createDataset(name, isLabelled ? [x, classColumn(labels, classes)] : [x], target);
  };
  if (files.length * width <= memoryBytes) return load();

  const fields: Field[] = [{ name: "x", type: "float32", dims }];
  if (isLabelled) fields.push({ name: "y", type: "int64", dims: [], classes });
  const all = Uint32Array.from(files, (_, i) => i);
  return createLazyDataset({
    name,
    fields,
    ...(target === undefined ? {} : { target }),
    size: files.length,
    load,
    async fetch(rows) {
      const data = await pixelsOf(rows);
      const own = all.subarray(0, rows.length);
      const x = scaledColumn("x", { type: "uint8", dims: [rows.length, width], data }, { scale: 255, dims }).gather(own);
      return isLabelled ? { x, y: classColumn(labels, classes).gather(rows) } : { x };
    },
  });
}

/** Class numbers as int64; bytes in memory as long as they suffice. */
export function classColumn(labels: Uint32Array, classes: readonly string[]) {
  const rows = labels.length;
  if (classes.length <= 256) return labelColumn("y", { type: "uint8", dims: [rows], data: Uint8Array.from(labels) }, classes);
  const data = new Uint8Array(BigInt64Array.from(labels, (label) => BigInt(label)).buffer);
  return tensorColumn("y", { type: "int64", dims: [rows], data }, { classes });
}

/** The size and channels that all images have, from their headers alone. */
async function commonFacts(files: readonly FolderFile[], options: ImageOptions): Promise<ImageFacts> {
  const { channels, resize } = options;
  if (channels !== undefined && resize !== undefined) return { ...resize, channels };
  const found: ImageFacts[] = [];
  await eachOf(files, async ({ path }, i) => void (found[i] = await imageFacts(path, options)));
  const [first] = found as [ImageFacts];
  if (resize === undefined) {
    const other = found.findIndex(({ width, height }) => width !== first.width || height !== first.height);
    if (other !== -1) throw otherSize(files[other]!.path, found[other]!, first);
  }
  const most = found.some((facts) => facts.channels === 3) ? 3 : 1;
  return { ...first, ...resize, channels: channels ?? most };
}

/** A few at a time: each decoder has a thread, and its picture in memory. The first that fails ends it. */
async function eachOf<Item>(items: ArrayLike<Item>, run: (item: Item, place: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const place = next++;
      await run(items[place]!, place);
    }
  };
  await Promise.all(Array.from({ length: Math.min(8, availableParallelism() + 1) }, worker));
}
