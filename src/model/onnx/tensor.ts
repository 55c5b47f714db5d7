/**
 * A tensor as bytes: little-endian, row-major, as ONNX's `raw_data` stores it, so that weights are views into the file and
 * never copied. Sub-byte types are packed from the least significant bits up (onnx.proto, comment at `raw_data`).
 */
import { ModelkeepError } from "../../base/error/index.ts";

/** ONNX `TensorProto.DataType` numbers and the bits one element takes; `string` has no fixed width. */
const facts = {
  float32: { code: 1, bits: 32, family: "float" },
  uint8: { code: 2, bits: 8, family: "int" },
  int8: { code: 3, bits: 8, family: "int" },
  uint16: { code: 4, bits: 16, family: "int" },
  int16: { code: 5, bits: 16, family: "int" },
  int32: { code: 6, bits: 32, family: "int" },
  int64: { code: 7, bits: 64, family: "int" },
  string: { code: 8, bits: 0, family: "string" },
  bool: { code: 9, bits: 8, family: "bool" },
  float16: { code: 10, bits: 16, family: "float" },
  float64: { code: 11, bits: 64, family: "float" },
  uint32: { code: 12, bits: 32, family: "int" },
  uint64: { code: 13, bits: 64, family: "int" },
  complex64: { code: 14, bits: 64, family: "complex" },
  complex128: { code: 15, bits: 128, family: "complex" },
  bfloat16: { code: 16, bits: 16, family: "float" },
  float8e4m3fn: { code: 17, bits: 8, family: "float" },
  float8e4m3fnuz: { code: 18, bits: 8, family: "float" },
  float8e5m2: { code: 19, bits: 8, family: "float" },
  float8e5m2fnuz: { code: 20, bits: 8, family: "float" },
  uint4: { code: 21, bits: 4, family: "int" },
  int4: { code: 22, bits: 4, family: "int" },
  float4e2m1: { code: 23, bits: 4, family: "float" },
  float8e8m0: { code: 24, bits: 8, family: "float" },
  uint2: { code: 25, bits: 2, family: "int" },
  int2: { code: 26, bits: 2, family: "int" },
  float6e2m3: { code: 27, bits: 6, family: "float" },
  float6e3m2: { code: 28, bits: 6, family: "float" },
} as const;

/** The element types of ONNX, by the names `onnx.helper` and ONNX Runtime's JavaScript API use. */
export type ElementType = keyof typeof facts;

/** What kind of number an element type is. */
export type ElementFamily = "float" | "int" | "bool" | "string" | "complex";

/** Where a tensor's bytes lie when they are not in the model file. */
export interface ExternalData {
  /** Path relative to the model file, as written there: untrusted text. */
  readonly location: string;
  readonly offset: number;
  /** In bytes; undefined means up to the end of that file. */
  readonly length: number | undefined;
}

/** A typed, shaped block of numbers or strings. Immutable by convention: `data` may be a view into a file. */
export interface Tensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** Little-endian row-major bytes; empty for `string` and for {@link external} data that was not loaded. */
  readonly data: Uint8Array;
  /** Only for type `string`; then `data` is empty. */
  readonly strings?: readonly string[];
  /** Set while the data lies outside the file: reading its values throws `onnx/external-data`. */
  readonly external?: ExternalData;
}

const byCode = new Map<number, ElementType>(Object.entries(facts).map(([type, { code }]) => [code, type as ElementType]));

/** All element types, in the order of their ONNX numbers. */
export const elementTypes: readonly ElementType[] = [...byCode].sort((a, b) => a[0] - b[0]).map(([, type]) => type);

/** The type with this ONNX number, or undefined. */
export const elementTypeOf = (code: number): ElementType | undefined => byCode.get(code);

/** The ONNX number of a type. */
export const elementCode = (type: ElementType): number => facts[type].code;

/** Bits per element; 0 for `string`. */
export const elementBits = (type: ElementType): number => facts[type].bits;

/** Whether a type holds floats, integers, booleans, strings or complex numbers. */
export const elementFamily = (type: ElementType): ElementFamily => facts[type].family;

/**
 * The product of dimensions, never wrong by overflow.
 * @throws onnx/bad-tensor when a dimension is negative or fractional, or the product is not a safe integer
 */
export function elementCount(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) {
    if (!Number.isSafeInteger(dim) || dim < 0) throw badTensor(`a dimension is ${dim}`);
    count *= dim;
  }
  // A zero anywhere makes the product 0 whatever came before, except ∞ × 0.
  if (dims.includes(0)) return 0;
  if (!Number.isSafeInteger(count))
    throw badTensor(`dimensions [${dims.slice(0, 16).join(",")}] multiply to more than 2^53 elements`);
  return count;
}

/**
 * Bytes that `count` elements take, sub-byte types packed; 0 for `string`.
 * @throws onnx/bad-tensor when that is not a safe integer
 */
export function byteLength(type: ElementType, count: number): number {
  const bits = facts[type].bits * count;
  // Bits may pass 2^53 where bytes do not: whole-byte types multiply by bytes instead.
  const bytes = facts[type].bits % 8 === 0 ? (facts[type].bits / 8) * count : Math.ceil(bits / 8);
  if (!Number.isSafeInteger(bytes)) throw badTensor(`${count} elements of ${type} are more than 2^53 bytes`);
  return bytes;
}

/**
 * A tensor whose data is proven to fit its type and dimensions.
 * @throws onnx/bad-tensor
 * @example
 * makeTensor("float32", [2, 2], new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer));
 */
export function makeTensor(type: ElementType, dims: readonly number[], data: Uint8Array): Tensor {
  const want = byteLength(type, elementCount(dims));
  if (type === "string") throw badTensor("string tensors are made by stringTensor");
  if (data.length !== want) throw badTensor(`${type}[${dims.join(",")}] takes ${want} bytes, got ${data.length}`);
  return { type, dims, data };
}

/**
 * A tensor of strings.
 * @throws onnx/bad-tensor
 */
export function stringTensor(dims: readonly number[], strings: readonly string[]): Tensor {
  const want = elementCount(dims);
  if (strings.length !== want) throw badTensor(`string[${dims.join(",")}] takes ${want} strings, got ${strings.length}`);
  return { type: "string", dims, data: new Uint8Array(0), strings };
}

/** An `onnx/bad-tensor` error. */
export function badTensor(message: string): ModelkeepError {
  return new ModelkeepError("onnx/bad-tensor", {
    message,
    hint: "check type, dimensions and data of that tensor where it was made",
    status: 400,
  });
}
