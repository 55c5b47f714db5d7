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
  return dtype instanceof PyObject && dtype.callable instanceof PyGlobal && dtype.callable.module === "numpy" ? dtype : undefined;
}

function codeOf(dtype: Value): string | undefined {
  const first = call(dtype)?.args;
  const code = first instanceof PyTuple ? first.items[0] : undefined;
  if (typeof code === "string") return code.replace(/^[<>=|]/, "");
  return code instanceof PyGlobal ? named[code.name] : undefined;
}

/** Set in a type's flags when its elements are references to objects (`NPY_ITEM_REFCOUNT`). */
const holdsReferences = 1;

/** Bytes of one element, `objects` when elements are Python objects, undefined when it cannot be told or the type contradicts itself. */
export function itemBytes(dtype: Value): number | "objects" | undefined {
  const [, kind, digits] = /^([biufcmMSUVO])(\d*)$/.exec(codeOf(dtype) ?? "") ?? [];
  const made = call(dtype);
  if (kind === undefined || made === undefined) return undefined;
  const size = Number(digits) * (kind === "U" ? 4 : 1);
  if (!agrees(made.state, { kind, size })) return undefined;
  if (hasObjects(dtype, 0)) return "objects";
  return digits === "" || size === 0 ? undefined : size;
}

/**
 * `dtype.__setstate__` takes size and flags as they come (`arraydescr_setstate`): a state that says otherwise than the type's own
 * code makes NumPy read numbers as references, or another number of bytes than this scan.
 */
export function agrees(state: Value | undefined, { kind, size }: { readonly kind: string; readonly size: number }): boolean {
  if (state === undefined) return true;
  if (!(state instanceof PyTuple) || (state.items.length !== 8 && state.items.length !== 9)) return false;
  const [version, , , , fields, elementBytes, , flags] = state.items;
  if ((version !== 3 && version !== 4) || typeof flags !== "number") return false;
  const isSized = "SUV".includes(kind);
  if (isSized ? elementBytes !== size : elementBytes !== -1) return false;
  return ((flags & holdsReferences) !== 0) === (kind === "O" || hasObjects(fields, 0) || hasObjects(state.items[2], 0));
}

/** True when the state of a `numpy.dtype` does not fit the call that made it. */
export function contradicts(dtype: PyObject, state: Value): boolean {
  if (!(dtype.callable instanceof PyGlobal) || dtype.callable.module !== "numpy" || dtype.callable.name !== "dtype") return false;
  const [, kind, digits] = /^([a-zA-Z])(\d*)$/.exec(codeOf(dtype) ?? "") ?? [];
  return kind !== undefined && !agrees(state, { kind, size: Number(digits) * (kind === "U" ? 4 : 1) });
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
