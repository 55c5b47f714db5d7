/**
 * Looks at each element of a tensor once, without allocating for the common types. Answers with the index of the first
 * element that breaks a rule, or -1.
 */
import { decodeMinifloat, typedArray, type Tensor } from "../../../model/onnx/index.ts";
import type { WireType } from "../protocol/datatypes.ts";

/** Index of the first NaN or infinity, or -1; always -1 for types that have none. */
export function firstNonFinite(tensor: Tensor): number {
  const { type } = tensor;
  switch (type) {
    case "float32":
    case "float64":
      return firstNonFiniteFloat(typedArray(tensor, type));
    case "float16":
      return firstFullExponent(typedArray(tensor, type), 0x7c00);
    case "bfloat16":
      return firstFullExponent(typedArray(tensor, type), 0x7f80);
    default:
      return -1;
  }
}

function firstNonFiniteFloat(values: Float32Array | Float64Array): number {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    // x − x is 0 for every finite number and NaN for the others.
    if (value - value !== 0) return index;
  }
  return -1;
}

/** An exponent of all ones is what IEEE 754 keeps for NaN and infinity. */
function firstFullExponent(bits: Uint16Array, exponent: number): number {
  for (let index = 0; index < bits.length; index++) {
    if ((bits[index]! & exponent) === exponent) return index;
  }
  return -1;
}

/** Index of the first element below `min` or above `max`, or -1. NaN is neither: {@link firstNonFinite} is for it. */
export function firstOutside(tensor: Tensor, min: number, max: number): number {
  const numbers = numbersOf(tensor);
  // A bigint compares with a double exactly, whatever its size (ECMA-262, IsLessThan).
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index]!;
    if (value < min || value > max) return index;
  }
  return -1;
}

/** Index of the first element that is not one of `allowed`, or -1. */
export function firstNotAllowed(tensor: Tensor, allowed: ReadonlySet<number | string>): number {
  if (tensor.strings !== undefined) return tensor.strings.findIndex((text) => !allowed.has(text));
  const numbers = numbersOf(tensor);
  for (let index = 0; index < numbers.length; index++) {
    const value = numbers[index]!;
    // Beyond 2^53 `Number` may round onto an allowed value; such an element is none, because allowed ones are safe integers.
    if (!allowed.has(Number(value)) || (typeof value === "bigint" && !Number.isSafeInteger(Number(value)))) return index;
  }
  return -1;
}

/** The element as a message shows it. */
export function elementText(tensor: Tensor, index: number): string {
  return String(tensor.strings?.[index] ?? numbersOf(tensor)[index]);
}

/** Elements as numbers: a view of the bytes, but for FP16 and BF16, which have no typed array. */
function numbersOf(tensor: Tensor): ArrayLike<number | bigint> {
  const type = tensor.type as Exclude<WireType, "string">;
  if (type !== "float16" && type !== "bfloat16") return typedArray(tensor, type);
  return Float64Array.from(typedArray(tensor, type), (code) => decodeMinifloat(type, code));
}
