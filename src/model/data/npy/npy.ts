/** .npy files (NEP 1; numpy.lib.format): one array with its type and shape. */

import { quote } from "../../../base/error/index.ts";
import { malformed, unsupported } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import { aligned, countOf, widthOf } from "../tensor.ts";
import { descrOf } from "./dtype.ts";
import type { NpyHeader } from "./header.ts";
import { readHeader } from "./header.ts";
import { swapBytes, toRowMajor } from "./order.ts";
import { readStrings, writeStrings } from "./text.ts";

/**
 * The array in a .npy file of version 1, 2 or 3: booleans, integers, floats, complex numbers, fixed-width text. Little-endian
 * row-major arrays come as views of `bytes` where those are aligned; others are copied into that order. Object arrays, which
 * are programs, and structured arrays are refused.
 *
 * @param file how messages name the bytes
 * @throws data/malformed, data/unsupported, data/too-large
 * @example
 * const x = readNpy(await readFile("x.npy"), "x.npy"); // { type: "float32", dims: [64, 1, 28, 28], data }
 */
export function readNpy(bytes: Uint8Array, file = "array.npy"): DataTensor {
  const header = readHeader(bytes, file);
  const { layout, dims, count, dataStart } = header;
  const need = count * layout.width;
  if (bytes.length - dataStart < need) {
    const what = `its shape (${dims.join(", ")}) takes ${need} bytes of data, it has ${bytes.length - dataStart}`;
    throw malformed(file, what, { where: `byte ${bytes.length}` });
  }
  if (bytes.length - dataStart > need) {
    const hint = "one array a file; several belong into a .npz (`np.savez`)";
    throw malformed(file, `${bytes.length - dataStart - need} bytes follow the array`, {
      where: `byte ${dataStart + need}`,
      hint,
    });
  }
  const raw = bytes.subarray(dataStart);
  return layout.text === undefined ? numbers(raw, header, file) : text(raw, header, file);
}

function numbers(raw: Uint8Array, header: NpyHeader, file: string): DataTensor {
  const { layout, dims, fortranOrder, dataStart } = header;
  const { type, width } = layout;
  if (type === "bool") {
    const wrong = raw.findIndex((byte) => byte > 1);
    if (wrong !== -1) throw malformed(file, `a boolean is ${raw[wrong]}`, { where: `byte ${dataStart + wrong}` });
  }
  const part = type.startsWith("complex") ? width / 2 : width;
  const little = layout.bigEndian && part > 1 ? swapBytes(raw, part) : aligned(raw, width);
  // With one long dimension both orders are the same.
  const columns = fortranOrder && dims.filter((dim) => dim !== 1).length > 1;
  return { type, dims, data: columns ? toRowMajor(little, dims, width) : little };
}

function text(raw: Uint8Array, header: NpyHeader, file: string): DataTensor {
  const { dims, fortranOrder, count } = header;
  const strings = readStrings(raw, header, file);
  const empty = new Uint8Array(0);
  if (!fortranOrder || dims.length < 2) return { type: "string", dims, data: empty, strings };
  const places = new Uint8Array(Uint32Array.from({ length: count }, (_, i) => i).buffer);
  const order = new Uint32Array(toRowMajor(places, dims, 4).buffer);
  return { type: "string", dims, data: empty, strings: Array.from(order, (i) => strings[i]!) };
}

/** What {@link writeNpy} takes: any tensor, because a model's may be of a type that numpy has no name for. */
export interface WritableTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: Uint8Array;
  readonly strings?: readonly string[];
}

/**
 * A tensor as a .npy file, byte for byte as `np.save` writes it (version 1.0, little-endian, row-major).
 *
 * @param file how messages name the file
 * @throws data/unsupported for types that numpy has not (bfloat16, 8-bit floats, 4-bit integers), data/malformed when data and dims disagree
 * @example
 * await writeFile("grads/x.npy", writeNpy({ type: "float32", dims: [2], data: new Uint8Array(8) }));
 */
export function writeNpy(tensor: WritableTensor, file = "array.npy"): Uint8Array {
  const { descr, data, width } = body(tensor, file);
  const count = countOf(tensor.dims);
  if (count === undefined || count * width !== data.length) {
    throw malformed(file, `the dimensions [${tensor.dims.join(",")}] do not fit ${data.length} bytes of ${tensor.type}`, {
      hint: "check the tensor where it was made",
    });
  }
  const header = headerFor(descr, tensor.dims);
  const out = new Uint8Array(header.length + data.length);
  out.set(header);
  out.set(data, header.length);
  return out;
}

function body(tensor: WritableTensor, file: string): { descr: string; data: Uint8Array; width: number } {
  if (tensor.type === "string") {
    const { data, width } = writeStrings(tensor.strings ?? []);
    return { descr: `<U${width}`, data, width: width * 4 };
  }
  const type = tensor.type as DataTensor["type"];
  const descr = descrOf(type);
  if (descr === undefined) {
    throw unsupported(file, `numpy has no element type ${quote(tensor.type)}`, "convert the tensor to float32 first");
  }
  return { descr, data: tensor.data, width: widthOf(type) };
}

/** numpy keeps room for the first dimension to grow to this many digits in place (`GROWTH_AXIS_MAX_DIGITS`). */
const growthDigits = 21;

function headerFor(descr: string, dims: readonly number[]): Uint8Array {
  const shape = dims.length === 1 ? `(${dims[0]},)` : `(${dims.join(", ")})`;
  const room = dims.length === 0 ? "" : " ".repeat(Math.max(0, growthDigits - String(dims[0]).length));
  const literal = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }${room}`;
  // The data begins at a multiple of 64, so that a mapped file is aligned (numpy's `ARRAY_ALIGN`); 1 is for the line feed.
  const length = literal.length + (64 - ((10 + literal.length + 1) % 64)) + 1;
  const out = new Uint8Array(10 + length).fill(0x20);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 0xff, length >> 8]);
  out.set(new TextEncoder().encode(literal), 10);
  out[out.length - 1] = 0x0a;
  return out;
}
