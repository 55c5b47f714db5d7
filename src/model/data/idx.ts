/**
 * IDX files, the format of MNIST: two zero bytes, a type, the number of dimensions, each dimension in 32 bits, then the elements;
 * everything big-endian (Y. LeCun, "The MNIST database", "the IDX file format").
 */

import { swapBytes } from "./npy/order.ts";
import { malformed, unsupported } from "./refuse.ts";
import type { DataTensor, DataType } from "./tensor.ts";
import { aligned, countOf, widthOf } from "./tensor.ts";

const types = new Map<number, DataType>([
  [0x08, "uint8"],
  [0x09, "int8"],
  [0x0b, "int16"],
  [0x0c, "int32"],
  [0x0d, "float32"],
  [0x0e, "float64"],
]);

/**
 * The array in an IDX file; bytes come as a view.
 *
 * @param file how messages name the bytes
 * @throws data/malformed, data/unsupported
 * @example
 * const images = readIdx(await readFile("train-images-idx3-ubyte")); // { type: "uint8", dims: [60000, 28, 28], data }
 */
export function readIdx(bytes: Uint8Array, file = "array.idx"): DataTensor {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b)
    throw unsupported(file, "it is packed by gzip", "unpack it first: `gunzip` the file");
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0) throw malformed(file, "this is not an IDX file", { where: "byte 0" });
  const type = types.get(bytes[2]!);
  if (type === undefined) throw malformed(file, `its element type is ${bytes[2]}, none of IDX's six`, { where: "byte 2" });
  const start = 4 + bytes[3]! * 4;
  if (bytes.length < start) throw malformed(file, "it ends inside its dimensions", { where: `byte ${bytes.length}` });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: bytes[3]! }, (_, i) => view.getUint32(4 + i * 4));
  const count = countOf(dims);
  const width = widthOf(type);
  if (count === undefined || count * width !== bytes.length - start) {
    const what = `its dimensions [${dims.slice(0, 8).join(", ")}] do not fit the ${bytes.length - start} bytes that follow`;
    throw malformed(file, what, { where: `byte ${start}` });
  }
  const data = bytes.subarray(start);
  return { type, dims, data: width === 1 ? data : aligned(swapBytes(data, width), width) };
}
