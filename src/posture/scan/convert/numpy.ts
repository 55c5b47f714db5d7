/** Arrays of NumPy: files of their own, or inside pickles as `_reconstruct` with a state and as joblib's wrapped ones. */

import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { readNpyHeader } from "../npy-header.ts";
import { shapeOf } from "../pickle/joblib.ts";
import type { WrappedArray } from "../pickle/joblib.ts";
import { plainType } from "../pickle/numpy-type.ts";
import { PyBytes, PyGlobal, PyObject, PyTuple } from "../pickle/values.ts";
import type { Value } from "../pickle/values.ts";
import { notConvertible } from "./refuse.ts";
import { denseStrides, gather } from "./tensor.ts";
import type { FoundTensor } from "./tensor.ts";
import type { TensorOf } from "./flatten.ts";

const types: Readonly<Record<string, string>> = {
  f2: "F16",
  f4: "F32",
  f8: "F64",
  i1: "I8",
  i2: "I16",
  i4: "I32",
  i8: "I64",
  u1: "U8",
  u2: "U16",
  u4: "U32",
  u8: "U64",
  b1: "BOOL",
  c8: "C64",
};

export function numpyTensors(wrapped: ReadonlyMap<Value, WrappedArray>): TensorOf {
  return (value, name) => {
    const array = wrapped.get(value);
    if (array !== undefined) return plain(array, name, array.data);
    if (!(value instanceof PyObject) || !(value.callable instanceof PyGlobal) || value.callable.name !== "_reconstruct")
      return undefined;
    if (!(value.state instanceof PyTuple)) throw notConvertible(`\`${name}\` is an array without a state`);
    const [, shape, dtype, fortran, data] = value.state.items;
    const sizes = shapeOf(shape);
    if (sizes === undefined || !(data instanceof PyBytes)) throw notConvertible(`\`${name}\` is no array of plain numbers`);
    return plain({ shape: sizes, dtype: dtype as Value, order: fortran === true ? "F" : "C" }, name, data);
  };
}

/**
 * A file of `numpy.save`.
 * @throws scan/not-convertible for objects, and for numbers that are too few or too many · scan/malformed
 */
export function npyTensor(source: ByteSource, name: string): FoundTensor {
  const { layout, data, bytes, hasObjects } = readNpyHeader(source);
  if (hasObjects) throw notConvertible(`\`${name}\` is an array of objects, which is a pickle`);
  if (layout === undefined || bytes === undefined) throw notConvertible(`\`${name}\` is no array of plain numbers`);
  if (data + bytes !== source.sizeBytes)
    throw notConvertible(`\`${name}\` should have ${bytes} bytes of numbers and has ${source.sizeBytes - data}`);
  return placed({ ...layout, name, source: partOf(source, data, bytes) });
}

interface Layout {
  readonly shape: readonly number[];
  readonly dtype: Value;
  readonly order: string;
}

function plain({ shape, dtype, order }: Layout, name: string, { source: file, offset, length }: PyBytes): ReturnType<TensorOf> {
  const found = plainType(dtype);
  if (found === undefined) throw notConvertible(`\`${name}\` has a type that safetensors does not hold`);
  return placed({ ...found, name, shape, order: order === "F" ? "F" : "C", source: partOf(file, offset, length) });
}

interface Placed {
  readonly name: string;
  readonly code: string;
  readonly bigEndian: boolean;
  readonly order: "C" | "F";
  readonly shape: readonly number[];
  readonly source: ByteSource;
}

function placed({ name, code, bigEndian, order, shape, source }: Placed): FoundTensor {
  const dtype = types[code];
  if (dtype === undefined) throw notConvertible(`\`${name}\` has a type that safetensors does not hold`);
  const width = Number(code.slice(1));
  if (bigEndian && width > 1) throw notConvertible(`\`${name}\` is written with the big end first`);
  const strides = denseStrides(shape, order);
  return { name, dtype, shape, bytes: () => gather({ source, offset: 0, shape, strides, width }) };
}
