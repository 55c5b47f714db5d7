/**
 * Arrays inside joblib files: after the BUILD of a `NumpyArrayWrapper` the array's bytes lie between the opcodes (joblib
 * `numpy_pickle.py`, `NumpyArrayWrapper.read_array`), aligned by one byte of length and that many of padding.
 */

import { malformed } from "../refuse.ts";
import { classOf } from "./instance.ts";
import { PyBytes, PyDict, PyList, PyObject, PyTuple } from "./values.ts";
import type { Value } from "./values.ts";
import type { ByteSource } from "../bytes/source.ts";
import { itemBytes } from "./numpy-type.ts";

export interface WrappedArray {
  readonly shape: readonly number[];
  /** The pickled `numpy.dtype`. */
  readonly dtype: Value;
  readonly order: string;
  /** Where the bytes lie. */
  readonly data: PyBytes;
}

/** What joblib takes for an array, however it was made. */
export function isWrapper(target: Value): target is PyObject {
  if (!(target instanceof PyObject)) return false;
  const made = classOf(target);
  return made?.module === "joblib.numpy_pickle" && made.name === "NumpyArrayWrapper";
}

/** The state as names and values; undefined when it is no plain dictionary that was kept whole. */
function stateOf({ state }: PyObject): ReadonlyMap<string, Value> | undefined {
  if (!(state instanceof PyDict) || state.dropped > 0) return undefined;
  const found = new Map<string, Value>();
  for (let i = 0; i + 1 < state.pairs.length; i += 2) {
    const name = state.pairs[i];
    if (typeof name !== "string") return undefined;
    found.set(name, state.pairs[i + 1] as Value);
  }
  return found;
}

/**
 * The array whose wrapper has just got its state, lying from `position` on. Undefined for an array of objects, which is a pickle of its own.
 * @throws scan/malformed when joblib's own reading of it cannot be foretold
 */
export function wrappedArray(wrapper: PyObject, source: ByteSource, position: number): WrappedArray | undefined {
  const state = stateOf(wrapper);
  const dtype = state?.get("dtype") ?? null;
  const shape = shapeOf(state?.get("shape"));
  const size = itemBytes(dtype);
  if (size === "objects" && shape !== undefined) return undefined;
  if (state === undefined || shape === undefined || typeof size !== "number")
    throw malformed("an array of joblib has no shape or no plain type", `byte ${position}`);
  const length = shape.reduce((product, dim) => product * dim, 1) * size;
  const start = position + padding(state, source, position);
  if (!Number.isSafeInteger(length) || start + length > source.sizeBytes)
    throw malformed("an array of joblib reaches past the end", `byte ${position}`);
  const order = state.get("order");
  return { shape, dtype, order: typeof order === "string" ? order : "C", data: new PyBytes(source, start, length) };
}

/** Files of joblib before 1.1 have no such name in the state; `None` turns the padding off. */
function padding(state: ReadonlyMap<string, Value>, source: ByteSource, position: number): number {
  if ((state.get("numpy_array_alignment_bytes") ?? null) === null) return 0;
  const [count] = source.read(position, 1);
  if (count === undefined) throw malformed("an array of joblib is missing", `byte ${position}`);
  return 1 + count;
}

/** A shape; undefined when it is none. */
export function shapeOf(value: Value | undefined): readonly number[] | undefined {
  if (value instanceof PyList && value.dropped > 0) return undefined;
  const items = value instanceof PyTuple || value instanceof PyList ? value.items : undefined;
  return items?.every((dim): dim is number => typeof dim === "number" && Number.isSafeInteger(dim) && dim >= 0)
    ? items
    : undefined;
}
