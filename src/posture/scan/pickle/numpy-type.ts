/** The pickled form of `numpy.dtype`: the call that makes it and the state that says byte order and fields. */

import { PyGlobal, PyList, PyObject, PyTuple } from "./values.ts";
import type { Value } from "./values.ts";

/** `f8` with its byte order; undefined when it is no plain type of numbers. */
export interface PlainType {
  readonly code: string;
  readonly bigEndian: boolean;
}

const named: Readonly<Record<string, string>> = {
  bool_: "b1",
  bool: "b1",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  uint16: "u2",
  uint32: "u4",
  uint64: "u8",
  float16: "f2",
  float32: "f4",
  float64: "f8",
  complex64: "c8",
  complex128: "c16",
};

function call(dtype: Value): PyObject | undefined {
  return dtype instanceof PyObject && dtype.callable instanceof PyGlobal && dtype.callable.module.startsWith("numpy")
    ? dtype
    : undefined;
}

function codeOf(dtype: Value): string | undefined {
  const first = call(dtype)?.args;
  const code = first instanceof PyTuple ? first.items[0] : undefined;
  if (typeof code === "string") return code.replace(/^[<>=|]/, "");
  return code instanceof PyGlobal ? named[code.name] : undefined;
}

/** Bytes of one element, `objects` when elements are Python objects, undefined when it cannot be told. */
export function itemBytes(dtype: Value): number | "objects" | undefined {
  const code = codeOf(dtype);
  if (code === undefined) return undefined;
  const [, kind, digits] = /^([a-zA-Z])(\d*)$/.exec(code) ?? [];
  if (kind === "O") return "objects";
  const state = call(dtype)?.state;
  if (kind === "V" && hasObjects(state, 0)) return "objects";
  const size = Number(digits ?? "");
  if (kind === undefined || digits === "") return undefined;
  return kind === "U" ? size * 4 : size;
}

/** The state of a record type holds its fields' types: any of objects, at any depth. */
function hasObjects(value: Value | undefined, depth: number): boolean {
  if (value === undefined || depth > 12) return depth > 12;
  if (value instanceof PyObject) return codeOf(value)?.startsWith("O") === true || hasObjects(value.state, depth + 1);
  if (value instanceof PyTuple || value instanceof PyList) return value.items.some((item) => hasObjects(item, depth + 1));
  return (
    typeof value === "object" &&
    value !== null &&
    "pairs" in value &&
    (value.pairs ?? []).some((item) => hasObjects(item, depth + 1))
  );
}

/** The type when its elements are plain numbers. */
export function plainType(dtype: Value): PlainType | undefined {
  const code = codeOf(dtype);
  if (code === undefined || !/^([biufc](1|2|4|8|16)|\?)$/.test(code)) return undefined;
  const state = call(dtype)?.state;
  const order = state instanceof PyTuple ? state.items[1] : undefined;
  const written = call(dtype)?.args;
  const text = written instanceof PyTuple && typeof written.items[0] === "string" ? written.items[0] : "";
  return { code: code === "?" ? "b1" : code, bigEndian: order === ">" || (order === undefined && text.startsWith(">")) };
}
