/**
 * The small float formats of ONNX, decoded and encoded through one description: sign, exponent and mantissa bits, bias, and what the
 * topmost codes mean. Sources: IEEE 754-2019 (binary16), onnx/docs/technical/float8.md (FN, FNUZ), OCP Microscaling v1.0 (E8M0, FP6, FP4).
 */
import type { ElementType } from "./tensor.ts";

interface Format {
  readonly bits: number;
  readonly sign: boolean;
  readonly mantissa: number;
  readonly bias: number;
  /** ieee: top exponent is ±∞ and NaN; fn: only the all-ones code is NaN; fnuz: only "negative zero" is NaN; finite: neither ∞ nor NaN. */
  readonly specials: "ieee" | "fn" | "fnuz" | "finite";
}

const formats = {
  float16: { bits: 16, sign: true, mantissa: 10, bias: 15, specials: "ieee" },
  bfloat16: { bits: 16, sign: true, mantissa: 7, bias: 127, specials: "ieee" },
  float8e4m3fn: { bits: 8, sign: true, mantissa: 3, bias: 7, specials: "fn" },
  float8e4m3fnuz: { bits: 8, sign: true, mantissa: 3, bias: 8, specials: "fnuz" },
  float8e5m2: { bits: 8, sign: true, mantissa: 2, bias: 15, specials: "ieee" },
  float8e5m2fnuz: { bits: 8, sign: true, mantissa: 2, bias: 16, specials: "fnuz" },
  float8e8m0: { bits: 8, sign: false, mantissa: 0, bias: 127, specials: "fn" },
  float4e2m1: { bits: 4, sign: true, mantissa: 1, bias: 1, specials: "finite" },
  float6e2m3: { bits: 6, sign: true, mantissa: 3, bias: 1, specials: "finite" },
  float6e3m2: { bits: 6, sign: true, mantissa: 2, bias: 3, specials: "finite" },
} as const satisfies Partial<Record<ElementType, Format>>;

/** The float types narrower than 32 bits. */
export type MiniFloat = keyof typeof formats;

/** True for the float types that {@link decodeMinifloat} knows. */
export const isMinifloat = (type: ElementType): type is MiniFloat => type in formats;

function decode(format: Format, code: number): number {
  const { bits, mantissa, bias, specials } = format;
  const exponentBits = bits - mantissa - (format.sign ? 1 : 0);
  const negative = format.sign && code >> (bits - 1) === 1;
  const exponent = (code >> mantissa) & (2 ** exponentBits - 1);
  const fraction = code & (2 ** mantissa - 1);
  const top = exponent === 2 ** exponentBits - 1;
  if (specials === "ieee" && top) return fraction !== 0 ? Number.NaN : negative ? -Infinity : Infinity;
  if (specials === "fn" && top && fraction === 2 ** mantissa - 1) return Number.NaN;
  if (specials === "fnuz" && code === 2 ** (bits - 1)) return Number.NaN;
  // E8M0 has no zero and no subnormals: each code is a power of two.
  const subnormal = exponent === 0 && format.sign;
  const value = subnormal ? fraction * 2 ** (1 - bias - mantissa) : (1 + fraction / 2 ** mantissa) * 2 ** (exponent - bias);
  return negative ? -value : value;
}

const tables = new Map<MiniFloat, Float64Array>();

/** Every code's value: at most 65,536 entries, built when a type is first met. */
function tableOf(type: MiniFloat): Float64Array {
  let table = tables.get(type);
  if (table === undefined) {
    const format = formats[type];
    table = Float64Array.from({ length: 2 ** format.bits }, (_, code) => decode(format, code));
    tables.set(type, table);
  }
  return table;
}

/** The value of one code; exact, since each of these formats is a subset of float32. */
export const decodeMinifloat = (type: MiniFloat, code: number): number => tableOf(type)[code]!;

/**
 * The code nearest to a value, ties to even. Beyond the largest finite value the result saturates where the type has no infinity,
 * as ONNX's `Cast` with `saturate=1` does; NaN where the type has no NaN becomes 0.
 */
export function encodeMinifloat(type: MiniFloat, value: number): number {
  const format: Format = formats[type];
  if (Number.isNaN(value)) return nanCode(format);
  const negative = format.sign && (value < 0 || Object.is(value, -0));
  const signBit = negative ? 2 ** (format.bits - 1) : 0;
  const code = encodeMagnitude(type, format, Math.abs(value));
  return format.specials === "fnuz" && code === 0 ? 0 : signBit + code;
}

function nanCode(format: Format): number {
  const { bits, specials } = format;
  if (specials === "finite") return 0;
  if (specials === "fnuz") return 2 ** (bits - 1);
  const allOnes = 2 ** (bits - (format.sign ? 1 : 0)) - 1;
  // A quiet NaN: exponent and the top mantissa bit, the pattern NumPy and PyTorch write.
  return specials === "fn" ? allOnes : allOnes - (2 ** (format.mantissa - 1) - 1);
}

/** Binary search over the non-negative codes, whose values ascend. */
function encodeMagnitude(type: MiniFloat, format: Format, magnitude: number): number {
  const table = tableOf(type);
  const count = 2 ** (format.bits - (format.sign ? 1 : 0));
  let last = count - 1;
  while (!Number.isFinite(table[last]!)) last--;
  const step = last > 0 ? table[last]! - table[last - 1]! : 0;
  if (magnitude >= table[last]! + step / 2) return format.specials === "ieee" && magnitude > table[last]! ? last + 1 : last;
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (table[middle]! < magnitude) low = middle + 1;
    else high = middle;
  }
  if (low === 0 || table[low] === magnitude) return low;
  const below = magnitude - table[low - 1]!;
  const above = table[low]! - magnitude;
  if (below === above) return low % 2 === 0 ? low : low - 1;
  return below < above ? low - 1 : low;
}
