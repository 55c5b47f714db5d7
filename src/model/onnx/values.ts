/** A tensor's values in the forms that programs want: typed-array views where memory allows, plain numbers, floats, strings. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { decodeMinifloat, encodeMinifloat, isMinifloat } from "./minifloat.ts";
import { badTensor, byteLength, elementBits, elementCount, elementFamily, makeTensor } from "./tensor.ts";
import type { ElementType, Tensor } from "./tensor.ts";

// INVARIANT: every platform that runs JavaScript engines we support is little-endian, as ONNX's bytes are.

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  complex64: Float32Array,
  complex128: Float64Array,
} as const;

type Arrays = typeof arrays;

/** The JavaScript array of an element type; float16 and bfloat16 as their 16-bit codes. */
export type TypedArrayOf<T extends keyof Arrays> = InstanceType<Arrays[T]>;

/**
 * The elements as a typed array of the tensor's own width: a view when the bytes are aligned, else one copy.
 * @throws onnx/bad-tensor when the tensor has another type · onnx/external-data
 * @example
 * const weights = typedArray(tensor, "float32"); // Float32Array
 */
export function typedArray<T extends keyof Arrays>(tensor: Tensor, type: T): TypedArrayOf<T> {
  if (tensor.type !== type) throw badTensor(`the tensor is ${tensor.type}, not ${type}`);
  const data = loaded(tensor);
  const Array = arrays[type];
  // Not `slice`: of a Node Buffer that is another view, as unaligned as the first.
  const aligned = data.byteOffset % Array.BYTES_PER_ELEMENT === 0 ? data : new Uint8Array(data);
  return new Array(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / Array.BYTES_PER_ELEMENT,
  ) as TypedArrayOf<T>;
}

/** The bytes, once it is sure that they are here. */
export function loaded(tensor: Tensor): Uint8Array {
  if (tensor.external === undefined) return tensor.data;
  throw new ModelkeepError("onnx/external-data", {
    message: `the tensor's data lies in ${quote(tensor.external.location)} and was not loaded`,
    hint: "load the model with its external data files",
    status: 400,
  });
}

/** One element of a packed integer code, for widths 2, 4, 6 and 8 bits. */
function code(data: Uint8Array, bits: number, index: number): number {
  const bit = bits * index;
  const byte = bit >> 3;
  const word = data[byte]! | ((data[byte + 1] ?? 0) << 8);
  return (word >> (bit & 7)) & (2 ** bits - 1);
}

const signExtend = (value: number, bits: number): number => (value >= 2 ** (bits - 1) ? value - 2 ** bits : value);

/**
 * Elements as plain numbers; 64-bit integers beyond ±2^53 lose their last bits (see {@link toBigInts}), booleans become 0 and 1.
 * @throws onnx/bad-tensor for strings and complex numbers · onnx/external-data
 */
export function toNumbers(tensor: Tensor): number[] {
  return Array.from(numbersOf(tensor));
}

/**
 * Any real tensor as float32: the same memory when it is float32 and aligned.
 * @throws onnx/bad-tensor for strings and complex numbers · onnx/external-data
 */
export function toFloat(tensor: Tensor): Float32Array {
  const values = numbersOf(tensor);
  return values instanceof Float32Array ? values : Float32Array.from(values);
}

function numbersOf(tensor: Tensor): ArrayLike<number> & Iterable<number> {
  const { type } = tensor;
  if (type === "string" || elementFamily(type) === "complex") throw badTensor(`a tensor of ${type} has no plain numbers`);
  const data = loaded(tensor);
  if (type === "int64" || type === "uint64") return Array.from(typedArray(tensor, type) as BigInt64Array, Number);
  if (isMinifloat(type)) {
    if (elementBits(type) === 16) {
      const codes = typedArray(tensor, type as "float16" | "bfloat16");
      return Float32Array.from(codes, (c) => decodeMinifloat(type, c));
    }
    return Float32Array.from({ length: elementCount(tensor.dims) }, (_, i) =>
      decodeMinifloat(type, code(data, elementBits(type), i)),
    );
  }
  if (elementBits(type) < 8) {
    const bits = elementBits(type);
    const signed = type === "int4" || type === "int2";
    return Array.from({ length: elementCount(tensor.dims) }, (_, i) =>
      signed ? signExtend(code(data, bits, i), bits) : code(data, bits, i),
    );
  }
  return typedArray(tensor, type as "float32" | "float64" | "int32" | "uint8");
}

/**
 * Elements of an integer tensor, exact.
 * @throws onnx/bad-tensor for other types · onnx/external-data
 */
export function toBigInts(tensor: Tensor): bigint[] {
  if (tensor.type === "int64" || tensor.type === "uint64") return Array.from(typedArray(tensor, tensor.type) as BigInt64Array);
  if (elementFamily(tensor.type) !== "int" && tensor.type !== "bool")
    throw badTensor(`a tensor of ${tensor.type} has no integers`);
  return toNumbers(tensor).map(BigInt);
}

/**
 * A tensor from plain numbers: rounded to the type (ties to even), integers truncated and wrapped as typed arrays do.
 * @throws onnx/bad-tensor
 * @example
 * const shape = tensorOf("int64", [2], [-1, 256]);
 */
export function tensorOf(type: ElementType, dims: readonly number[], values: ArrayLike<number | bigint>): Tensor {
  const count = elementCount(dims);
  if (values.length !== count) throw badTensor(`${type}[${dims.join(",")}] takes ${count} values, got ${values.length}`);
  return makeTensor(type, dims, encode(type, values, count));
}

function encode(type: ElementType, values: ArrayLike<number | bigint>, count: number): Uint8Array {
  if (type === "string" || elementFamily(type) === "complex") throw badTensor(`a tensor of ${type} is not made of plain numbers`);
  if (type === "int64" || type === "uint64") {
    const big = Array.from(values, (v) => (typeof v === "bigint" ? v : saturatedBigInt(v)));
    return bytesOf(type === "int64" ? BigInt64Array.from(big) : BigUint64Array.from(big));
  }
  const numbers = Array.from(values, Number);
  if (isMinifloat(type))
    return pack(
      type,
      numbers.map((v) => encodeMinifloat(type, v)),
      count,
    );
  if (elementBits(type) < 8)
    return pack(
      type,
      numbers.map((v) => Math.trunc(v) & (2 ** elementBits(type) - 1)),
      count,
    );
  if (type === "bool") return Uint8Array.from(numbers, (v) => (v === 0 ? 0 : 1));
  return bytesOf(arrays[type as "float32"].from(numbers));
}

/** 2^63 − 1 as a double is 2^63: the common "to the end" of a slice must not wrap to the beginning. */
function saturatedBigInt(value: number): bigint {
  if (!(value < 2 ** 63)) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}

const bytesOf = (array: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Uint8Array =>
  new Uint8Array(array.buffer as ArrayBuffer, array.byteOffset, array.byteLength);

function pack(type: ElementType, codes: readonly number[], count: number): Uint8Array {
  const bits = elementBits(type);
  if (bits === 16) return bytesOf(Uint16Array.from(codes));
  const bytes = new Uint8Array(byteLength(type, count));
  codes.forEach((value, i) => {
    const bit = bits * i;
    const word = value << (bit & 7);
    bytes[bit >> 3]! |= word & 255;
    if (word > 255) bytes[(bit >> 3) + 1]! |= word >> 8;
  });
  return bytes;
}
