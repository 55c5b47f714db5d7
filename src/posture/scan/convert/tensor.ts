import type { ByteSource } from "../bytes/source.ts";
import { copyOf } from "../bytes/source.ts";
import { malformed } from "../refuse.ts";

/** A tensor as safetensors writes it: row by row, little end first. */
export interface FoundTensor {
  readonly name: string;
  /** A type of safetensors: `F32`, `BF16`. */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Its bytes, gathered when they are asked for. */
  bytes(): Uint8Array;
}

export interface Strided {
  readonly source: ByteSource;
  /** In bytes. */
  readonly offset: number;
  readonly shape: readonly number[];
  /** In elements. */
  readonly strides: readonly number[];
  readonly width: number;
}

export const elementsOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The strides of a shape that is written row by row, or column by column. */
export function denseStrides(shape: readonly number[], order: "C" | "F"): number[] {
  const strides = shape.map(() => 1);
  const places = order === "C" ? shape.map((_, i) => shape.length - 1 - i) : shape.map((_, i) => i);
  let step = 1;
  for (const at of places) {
    strides[at] = step;
    step *= shape[at]!;
  }
  return strides;
}

/** Elements in row order, bit by bit as they lie. @throws scan/malformed when one lies outside */
export function gather({ source, offset, shape, strides, width }: Strided): Uint8Array {
  const count = elementsOf(shape);
  if (count === 0) return new Uint8Array(0);
  const reach = shape.reduce((sum, dim, i) => sum + (dim - 1) * strides[i]!, 0) + 1;
  const dense = denseStrides(shape, "C");
  if (strides.every((stride, i) => stride === dense[i] || shape[i] === 1)) return copyOf(source, offset, count * width);
  if (!Number.isSafeInteger(reach) || offset + reach * width > source.sizeBytes)
    throw malformed("a tensor reaches past its storage");
  const data = copyOf(source, offset, reach * width);
  const out = new Uint8Array(count * width);
  const index = shape.map(() => 0);
  for (let to = 0, from = 0; to < out.length; to += width) {
    for (let i = 0; i < width; i++) out[to + i] = data[from * width + i]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      from -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
