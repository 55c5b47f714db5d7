/** Data: files of arrays and tables read as tensors, with errors that name the file and the place. Portable; Node's files are in `index.node.ts`. */

export type {} from "./errors.ts";
export { readNpy, writeNpy } from "./npy/npy.ts";
export type { WritableTensor } from "./npy/npy.ts";
export type { DataTensor, DataType } from "./tensor.ts";
