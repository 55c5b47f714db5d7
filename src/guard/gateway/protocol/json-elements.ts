/**
 * Tensor data as JSON, flat in row-major order. Floats are written so that they read back as the same float, always with a fraction or an
 * exponent; 64-bit integers with all their digits. JSON has no NaN and no infinity: both become `null`, as orjson (KServe) writes them and
 * every v2 client can read; the count of such elements goes beside the data, and the binary form keeps them.
 */
import { decodeMinifloat, typedArray, type Tensor } from "../../../model/onnx/index.ts";
import type { WireType } from "./datatypes.ts";

/** The text of a tensor's `data` array. */
export interface JsonElements {
  readonly text: string;
  /** How many elements were NaN or infinite and are written as `null`. */
  readonly nonFinite: number;
}

/** Writes the elements of a tensor whose type can travel. */
export function writeJsonElements(tensor: Tensor, type: WireType): JsonElements {
  switch (type) {
    case "string":
      return { text: JSON.stringify(tensor.strings ?? []), nonFinite: 0 };
    case "bool":
      return { text: `[${Array.from(tensor.data, (byte) => byte !== 0).join(",")}]`, nonFinite: 0 };
    case "float16":
    case "bfloat16":
      return writeFloats(Float64Array.from(typedArray(tensor, type), (code) => decodeMinifloat(type, code)));
    case "float32":
      return writeFloats(Float64Array.from(typedArray(tensor, type), shortFloat32));
    case "float64":
      return writeFloats(typedArray(tensor, type));
    default:
      return { text: `[${typedArray(tensor, type).join(",")}]`, nonFinite: 0 };
  }
}

function writeFloats(values: Float64Array): JsonElements {
  let text = "[";
  let nonFinite = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (index > 0) text += ",";
    if (Number.isFinite(value)) text += writeFloat(value);
    else {
      text += "null";
      nonFinite++;
    }
  }
  return { text: `${text}]`, nonFinite };
}

/** The shortest of the two: as a float32 of few decimal places (0.1), or as the double that equals it (0.10000000149011612). Both read back as the same. */
function shortFloat32(value: number): number {
  const short = Math.round(value * 1e6) / 1e6;
  return Math.fround(short) === value ? short : value;
}

/** A number without fraction would be read as an integer by typed readers, and `-0` would lose its sign. */
function writeFloat(value: number): string {
  if (!Number.isInteger(value)) return String(value);
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes("e") ? text : `${text}.0`;
}
