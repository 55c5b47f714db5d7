/** What happens to the numbers of an output: ranking and rounding, row by row. */
import { decodeMinifloat, tensorOf, typedArray, type ElementType, type Tensor } from "../../../model/onnx/index.ts";

/** Element types that hold scores. */
export type FloatType = "float16" | "bfloat16" | "float32" | "float64";

/** True for the types that rounding and ranking apply to. */
export function isFloatType(type: string): type is FloatType {
  return type === "float32" || type === "float64" || type === "float16" || type === "bfloat16";
}

/**
 * The `top` highest scores of each row (the last axis), highest first, and where they stood. Of equal scores the first
 * ranks higher; NaN ranks last.
 */
export function topScores(tensor: Tensor, top: number): { readonly values: Tensor; readonly indices: Tensor } {
  const values = floatsOf(tensor);
  const { rows, width, outer } = rowsOf(tensor);
  const kept = Math.min(top, width);
  const best = new Float64Array(rows * kept);
  const at = new BigInt64Array(rows * kept);
  const order = new Int32Array(kept);
  for (let row = 0; row < rows; row++) {
    rankRow(values, row * width, width, order);
    for (let place = 0; place < kept; place++) {
      best[row * kept + place] = values[row * width + order[place]!]!;
      at[row * kept + place] = BigInt(order[place]!);
    }
  }
  const dims = [...outer, kept];
  return { values: fromFloats(tensor.type, dims, best), indices: tensorOf("int64", dims, at) };
}

/** The index of the highest score of each row, without the last axis. The first of equal ones; 0 for a row of NaN. */
export function labels(tensor: Tensor): Tensor {
  const values = floatsOf(tensor);
  const { rows, width, outer } = rowsOf(tensor);
  const found = new BigInt64Array(rows);
  const first = new Int32Array(1);
  for (let row = 0; row < rows; row++) {
    rankRow(values, row * width, width, first);
    found[row] = BigInt(first[0]!);
  }
  return tensorOf("int64", outer, found);
}

/** Each element rounded to so many digits after the decimal point, half away from zero; NaN and infinities stay. */
export function rounded(tensor: Tensor, digits: number): Tensor {
  const scale = 10 ** digits;
  const values = Float64Array.from(floatsOf(tensor));
  for (let index = 0; index < values.length; index++) values[index] = roundTo(values[index]!, scale);
  return fromFloats(tensor.type, tensor.dims, values);
}

function roundTo(value: number, scale: number): number {
  const scaled = Math.abs(value) * scale;
  // From 2^52 on every double is whole: there is no fraction left to round. NaN and infinities end here too.
  if (!(scaled < 2 ** 52)) return value;
  // Adding 0 turns the -0 of a small negative number into 0.
  return Math.sign(value) * (Math.round(scaled) / scale) + 0;
}

/** Writes the indices of the highest scores of a row into `order`: insertion into a short list, because few are kept of many. */
function rankRow(values: Float32Array | Float64Array, from: number, width: number, order: Int32Array): void {
  let filled = 0;
  for (let index = 0; index < width; index++) {
    const value = values[from + index]!;
    if (filled === order.length && !isHigher(value, values[from + order[filled - 1]!]!)) continue;
    let place = filled < order.length ? filled++ : filled - 1;
    for (; place > 0 && isHigher(value, values[from + order[place - 1]!]!); place--) order[place] = order[place - 1]!;
    order[place] = index;
  }
}

function isHigher(a: number, b: number): boolean {
  return a > b || (Number.isNaN(b) && !Number.isNaN(a));
}

function rowsOf({ dims }: Tensor): { readonly rows: number; readonly width: number; readonly outer: readonly number[] } {
  const outer = dims.slice(0, -1);
  return { rows: outer.reduce((product, dim) => product * dim, 1), width: dims.at(-1) ?? 1, outer };
}

function floatsOf(tensor: Tensor): Float32Array | Float64Array {
  const type = tensor.type as FloatType;
  if (type === "float32" || type === "float64") return typedArray(tensor, type);
  return Float64Array.from(typedArray(tensor, type), (code) => decodeMinifloat(type, code));
}

function fromFloats(type: ElementType, dims: readonly number[], values: Float64Array): Tensor {
  if (type !== "float32" && type !== "float64") return tensorOf(type, dims, values);
  const { buffer } = type === "float32" ? Float32Array.from(values) : values;
  return { type, dims, data: new Uint8Array(buffer) };
}
