/**
 * The names that the Open Inference Protocol v2 gives to element types, and back.
 * The list is the protocol's table "Tensor Data Types" plus BF16, which Triton added and its clients send.
 */
import type { ElementType } from "../../../model/onnx/index.ts";

/** Element types that can travel; ONNX has more (complex, 8-bit floats), which no v2 client can name. */
export type WireType = Extract<
  ElementType,
  | "bool"
  | "uint8"
  | "uint16"
  | "uint32"
  | "uint64"
  | "int8"
  | "int16"
  | "int32"
  | "int64"
  | "float16"
  | "bfloat16"
  | "float32"
  | "float64"
  | "string"
>;

/** A tensor element type as a v2 client spells it. */
export type Datatype = (typeof table)[number][0];

const table = [
  ["BOOL", "bool"],
  ["UINT8", "uint8"],
  ["UINT16", "uint16"],
  ["UINT32", "uint32"],
  ["UINT64", "uint64"],
  ["INT8", "int8"],
  ["INT16", "int16"],
  ["INT32", "int32"],
  ["INT64", "int64"],
  ["FP16", "float16"],
  ["BF16", "bfloat16"],
  ["FP32", "float32"],
  ["FP64", "float64"],
  ["BYTES", "string"],
] as const satisfies readonly (readonly [string, WireType])[];

const typeByName: ReadonlyMap<string, WireType> = new Map(table.map(([name, type]) => [name, type]));
const nameByType: ReadonlyMap<string, Datatype> = new Map(table.map(([name, type]) => [type, name]));

/** Every datatype name that is read and written, in the protocol's order. */
export const datatypes: readonly Datatype[] = table.map(([name]) => name);

/** The element type that a v2 name stands for; undefined when it is not one of {@link datatypes}. */
export function wireTypeOf(datatype: string): WireType | undefined {
  return typeByName.get(datatype);
}

/** The v2 name of an element type; undefined for one that cannot travel (complex numbers, 8-bit and 4-bit floats). */
export function datatypeOf(type: ElementType): Datatype | undefined {
  return nameByType.get(type);
}
