/**
 * What this room yields: a tensor by its bytes. The type stands here because rooms of one floor do not lean on each other; it is
 * assignable to the tensor of `modelkeep/onnx`, which a contract test holds.
 */

/** Bytes of one element; the names are ONNX's. `string` has no fixed width. */
const widths = {
  bool: 1,
  int8: 1,
  int16: 2,
  int32: 4,
  int64: 8,
  uint8: 1,
  uint16: 2,
  uint32: 4,
  uint64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
  string: 0,
} as const;

/** The element types that data files hold. */
export type DataType = keyof typeof widths;

/** A typed, shaped block of numbers or strings. Immutable by convention: `data` may be a view into a file's bytes. */
export interface DataTensor {
  readonly type: DataType;
  readonly dims: readonly number[];
  /** Little-endian row-major bytes; empty for `string`. */
  readonly data: Uint8Array;
  /** Only for type `string`. */
  readonly strings?: readonly string[];
}

/** Bytes that one element takes; 0 for `string`. */
export const widthOf = (type: DataType): number => widths[type];

/** The product of dimensions, or undefined when it is not a safe integer. A zero anywhere makes it 0. */
export function countOf(dims: readonly number[]): number | undefined {
  if (dims.includes(0)) return 0;
  const count = dims.reduce((product, dim) => product * dim, 1);
  return Number.isSafeInteger(count) ? count : undefined;
}

/**
 * Bytes that start where a typed array of this element width may start: the same view where it does already, a copy otherwise.
 * INVARIANT: every tensor of this room is aligned so, and a consumer may lay a typed array over `data` without looking.
 */
export function aligned(bytes: Uint8Array, width: number): Uint8Array {
  return width <= 1 || bytes.byteOffset % Math.min(width, 8) === 0 ? bytes : new Uint8Array(bytes);
}
