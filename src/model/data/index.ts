/** Data: files of arrays and tables read as tensors, with errors that name the file and the place. Portable; Node's files are in `index.node.ts`. */

export type {} from "./errors.ts";
export { readNpy, writeNpy } from "./npy/npy.ts";
export type { WritableTensor } from "./npy/npy.ts";
export { openNpz, writeNpz } from "./npy/npz.ts";
export type { NpzArchive } from "./npy/npz.ts";
export type { DataTensor, DataType } from "./tensor.ts";
export type { ZipLimits } from "./zip/directory.ts";
