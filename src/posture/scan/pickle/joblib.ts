/**
 * Arrays inside joblib files: after the BUILD of a `NumpyArrayWrapper` the array's bytes lie between the opcodes (joblib
 * `numpy_pickle.py`, `NumpyArrayWrapper.read_array`), aligned by one byte of length and that many of padding.
 */

import { malformed } from "../refuse.ts";
import { PyBytes, PyDict, PyGlobal, PyList, PyObject, PyTuple } from "./values.ts";
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

/** A global that joblib gives to what it wraps. */
export function isWrapper(target: Value): target is PyObject {
  return (
    target instanceof PyObject &&
    target.callable instanceof PyGlobal &&
    target.callable.name === "NumpyArrayWrapper" &&
    target.callable.module === "joblib.numpy_pickle"
  );
}

/** What a dictionary that a pickle built holds under a name. */
export function entry(state: Value | undefined, name: string): Value | undefined {
  if (!(state instanceof PyDict)) return undefined;
  for (let i = state.pairs.length - 2; i >= 0; i -= 2) if (state.pairs[i] === name) return state.pairs[i + 1];
  return undefined;
}

/**
 * The array whose wrapper has just got its state, lying from `position` on. Undefined for an array of objects, which is a pickle of its own.
 * @throws scan/malformed
 */
export function wrappedArray(wrapper: PyObject, source: ByteSource, position: number): WrappedArray | undefined {
  const dtype = entry(wrapper.state, "dtype") ?? null;
  const shape = shapeOf(entry(wrapper.state, "shape"));
  const size = itemBytes(dtype);
  if (size === "objects") return undefined;
  if (shape === undefined || size === undefined)
    throw malformed("an array of joblib has no shape or no plain type", `byte ${position}`);
  const length = shape.reduce((product, dim) => product * dim, 1) * size;
  const start = position + paddingAt(wrapper, source, position);
  if (!Number.isSafeInteger(length) || start + length > source.sizeBytes)
    throw malformed("an array of joblib reaches past the end", `byte ${position}`);
  const order = entry(wrapper.state, "order");
  return { shape, dtype, order: typeof order === "string" ? order : "C", data: new PyBytes(source, start, length) };
}

function paddingAt(wrapper: PyObject, source: ByteSource, position: number): number {
  if (typeof entry(wrapper.state, "numpy_array_alignment_bytes") !== "number") return 0;
  const [padding] = source.read(position, 1);
  if (padding === undefined) throw malformed("an array of joblib is missing", `byte ${position}`);
  return 1 + padding;
}

/** A shape; undefined when it is none. */
export function shapeOf(value: Value | undefined): readonly number[] | undefined {
  const items = value instanceof PyTuple || value instanceof PyList ? value.items : undefined;
  return items?.every((dim): dim is number => typeof dim === "number" && Number.isSafeInteger(dim) && dim >= 0)
    ? items
    : undefined;
}
