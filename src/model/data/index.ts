/** Data: files of arrays and tables read as tensors, with errors that name the file and the place. Portable; Node's files are in `index.node.ts`. */

export type {} from "./errors.ts";
export { balance, classWeights, rowsByClass } from "./dataset/classes.ts";
export type { ClassRows } from "./dataset/classes.ts";
export { labelColumn, scaledColumn, tensorColumn } from "./dataset/column.ts";
export type { Column } from "./dataset/column.ts";
export { isIndexed } from "./dataset/dataset.ts";
export type { Batch, BatchOptions, Dataset, Field, IndexedDataset } from "./dataset/dataset.ts";
export { digestOfData } from "./dataset/digest.ts";
export type { DigestOptions } from "./dataset/digest.ts";
export { createDataset, permutation } from "./dataset/indexed.ts";
export { limit, split } from "./dataset/split.ts";
export type { SplitOptions } from "./dataset/split.ts";
export { createStreamDataset } from "./dataset/stream.ts";
export type { Block, StreamDataset, StreamOptions } from "./dataset/stream.ts";
export { readIdx } from "./idx.ts";
export { readNpy, writeNpy } from "./npy/npy.ts";
export type { WritableTensor } from "./npy/npy.ts";
export { openNpz, writeNpz } from "./npy/npz.ts";
export type { NpzArchive } from "./npy/npz.ts";
export type { DataTensor, DataType } from "./tensor.ts";
export type { ZipLimits } from "./zip/directory.ts";
