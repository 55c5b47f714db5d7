/** Tensors of PyTorch files, from the calls that would rebuild them (`torch/_utils.py`) and the storages that they name. */

import type { ByteSource } from "../bytes/source.ts";
import { partOf } from "../bytes/source.ts";
import { PyGlobal, PyObject, PyPersistent, PyTuple } from "../pickle/values.ts";
import type { Value } from "../pickle/values.ts";
import { notConvertible } from "./refuse.ts";
import { gather } from "./tensor.ts";
import type { TensorOf } from "./flatten.ts";

interface Type {
  readonly dtype: string;
  readonly width: number;
}

const type = (dtype: string, width: number): Type => ({ dtype, width });

/** Storage classes and dtypes by name. */
const types: Readonly<Record<string, Type>> = {
  FloatStorage: type("F32", 4),
  DoubleStorage: type("F64", 8),
  HalfStorage: type("F16", 2),
  BFloat16Storage: type("BF16", 2),
  LongStorage: type("I64", 8),
  IntStorage: type("I32", 4),
  ShortStorage: type("I16", 2),
  CharStorage: type("I8", 1),
  ByteStorage: type("U8", 1),
  BoolStorage: type("BOOL", 1),
  ComplexFloatStorage: type("C64", 8),
  float32: type("F32", 4),
  float64: type("F64", 8),
  float16: type("F16", 2),
  bfloat16: type("BF16", 2),
  int64: type("I64", 8),
  int32: type("I32", 4),
  int16: type("I16", 2),
  int8: type("I8", 1),
  uint8: type("U8", 1),
  bool: type("BOOL", 1),
  uint16: type("U16", 2),
  uint32: type("U32", 4),
  uint64: type("U64", 8),
  float8_e4m3fn: type("F8_E4M3", 1),
  float8_e5m2: type("F8_E5M2", 1),
  complex64: type("C64", 8),
};

/** The bytes of a storage by its key; `undefined` when there is none. */
export type StorageOf = (key: string) => ByteSource | undefined;

/** Bytes of one element of a storage class. */
export function storageWidth(value: Value): number | undefined {
  return value instanceof PyGlobal && value.module.startsWith("torch") ? types[value.name]?.width : undefined;
}

export function torchTensors(storageOf: StorageOf): TensorOf {
  const tensorOf: TensorOf = (value, name) => {
    if (!(value instanceof PyObject) || !(value.callable instanceof PyGlobal) || !(value.args instanceof PyTuple))
      return undefined;
    if (value.callable.module !== "torch._utils") return undefined;
    const { items } = value.args;
    switch (value.callable.name) {
      case "_rebuild_parameter":
        return tensorOf(items[0] as Value, name);
      case "_rebuild_tensor":
      case "_rebuild_tensor_v2":
        return dense(items, { name, storageOf, dtype: undefined });
      case "_rebuild_tensor_v3":
        return dense(items, { name, storageOf, dtype: items[6] });
      default:
        throw notConvertible(`\`${name}\` is a tensor of a kind that safetensors does not hold (${value.callable.name})`);
    }
  };
  return tensorOf;
}

interface Dense {
  readonly name: string;
  readonly storageOf: StorageOf;
  readonly dtype: Value | undefined;
}

function dense([storage, offset, size, stride]: readonly Value[], { name, storageOf, dtype }: Dense): ReturnType<TensorOf> {
  const id = storage instanceof PyPersistent && storage.id instanceof PyTuple ? storage.id.items : [];
  const [word, storageType, key] = id;
  const named = dtype ?? storageType;
  const found = named instanceof PyGlobal ? types[named.name] : undefined;
  const [shape, strides] = [numbers(size), numbers(stride)];
  if (word !== "storage" || typeof key !== "string" || found === undefined)
    throw notConvertible(`\`${name}\` has a type that safetensors does not hold`);
  if (
    shape === undefined ||
    strides === undefined ||
    strides.length !== shape.length ||
    typeof offset !== "number" ||
    offset < 0
  ) {
    throw notConvertible(`\`${name}\` has no plain shape`);
  }
  const source = storageOf(key);
  if (source === undefined) throw notConvertible(`the numbers of \`${name}\` are missing`);
  const { width } = found;
  return { name, dtype: found.dtype, shape, bytes: () => gather({ source, offset: offset * width, shape, strides, width }) };
}

function numbers(value: Value | undefined): readonly number[] | undefined {
  const items = value instanceof PyObject && value.args instanceof PyTuple ? value.args.items[0] : value;
  if (!(items instanceof PyTuple)) return undefined;
  return items.items.every((item): item is number => typeof item === "number" && Number.isSafeInteger(item) && item >= 0)
    ? items.items
    : undefined;
}

/** Storages of the old format: behind the fifth pickle, each with its number of elements in front (`torch/serialization.py`, `_legacy_load`). */
export function legacyStorages(source: ByteSource, start: number, keys: readonly { key: string; width: number }[]): StorageOf {
  const found = new Map<string, ByteSource>();
  let at = start;
  for (const { key, width } of keys) {
    const head = source.read(at, 8);
    if (head.length < 8) throw notConvertible("a storage is missing");
    const length = Number(new DataView(head.buffer, head.byteOffset).getBigInt64(0, true)) * width;
    if (length < 0 || at + 8 + length > source.sizeBytes) throw notConvertible("a storage reaches past the end");
    found.set(key, partOf(source, at + 8, length));
    at += 8 + length;
  }
  return (key) => found.get(key);
}
