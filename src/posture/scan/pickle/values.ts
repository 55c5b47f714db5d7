/** What an abstract unpickler knows of a Python value: enough for a verdict and, where it is kept whole, for its tensors. */

import type { ByteSource } from "../bytes/source.ts";

export class PyFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

/** `bytes`, left where they lie. */
export class PyBytes {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
  constructor(source: ByteSource, offset: number, length: number) {
    this.source = source;
    this.offset = offset;
    this.length = length;
  }
}

/** A string too long to be kept: no name of anything, only data. */
export class PyLongText {
  readonly source: ByteSource;
  readonly offset: number;
  readonly length: number;
  constructor(source: ByteSource, offset: number, length: number) {
    this.source = source;
    this.offset = offset;
    this.length = length;
  }
}

export class PyByteArray {
  readonly source: ByteSource;
  readonly offset: number;
  length: number;
  constructor(source: ByteSource, offset: number, length: number) {
    this.source = source;
    this.offset = offset;
    this.length = length;
  }
}

/** An out-of-band buffer; `view` when it was made read-only from something writable. */
export class PyBuffer {
  readonly view: boolean;
  constructor(view: boolean) {
    this.view = view;
  }
}

export class PyTuple {
  readonly items: readonly Value[];
  readonly hashable: boolean;
  /** Values in it, counted as often as they stand in it at any depth. */
  readonly weight: number;
  constructor(items: readonly Value[]) {
    this.items = items;
    this.hashable = items.every(isHashable);
    let weight = 1;
    for (const item of items) weight += item instanceof PyTuple ? item.weight : 1;
    this.weight = weight;
  }
}

export class PyList {
  readonly items: Value[];
  /** Items that are there and were not kept. */
  dropped = 0;
  constructor(items: Value[]) {
    this.items = items;
  }
}

/** Keys and values in turn. */
export class PyDict {
  readonly pairs: Value[] = [];
  dropped = 0;
  /** Has held a key that {@link isInnerName}, kept or not. */
  inner = false;
}

export class PySet {
  readonly items: Value[];
  readonly frozen: boolean;
  constructor(items: Value[], frozen: boolean) {
    this.items = items;
    this.frozen = frozen;
  }
}

/** What `find_class` gave, by name. */
export class PyGlobal {
  readonly module: string;
  readonly name: string;
  constructor(module: string, name: string) {
    this.module = module;
    this.name = name;
  }
}

/** What calling something gave, with what was done to it since. */
export class PyObject {
  readonly callable: Value;
  readonly args: Value;
  readonly via: string;
  state: Value | undefined;
  /** Filled by SETITEM(S), keys and values in turn. */
  pairs: Value[] | undefined;
  items: Value[] | undefined;
  /** As of {@link PyDict}. */
  inner = false;
  constructor(callable: Value, args: Value, via: string) {
    this.callable = callable;
    this.args = args;
    this.via = via;
  }
}

/** What `persistent_load` gave. */
export class PyPersistent {
  readonly id: Value;
  constructor(id: Value) {
    this.id = id;
  }
}

/** An extension code of `copyreg`, which only the loading process can resolve. */
export class PyExtension {
  readonly code: number;
  constructor(code: number) {
    this.code = code;
  }
}

export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | PyFloat
  | PyBytes
  | PyLongText
  | PyByteArray
  | PyBuffer
  | PyTuple
  | PyList
  | PyDict
  | PySet
  | PyGlobal
  | PyObject
  | PyPersistent
  | PyExtension;

/** A key that, as the name of an attribute, is one of Python's own (`__setstate__`), or that cannot be told from here. */
export function isInnerName(key: Value): boolean {
  if (typeof key === "string") return key.startsWith("__");
  return key instanceof PyObject || key instanceof PyPersistent || key instanceof PyExtension;
}

/** By type, as `hash()` decides. */
export function isHashable(value: Value): boolean {
  if (value instanceof PyTuple) return value.hashable;
  if (value instanceof PySet) return value.frozen;
  if (value instanceof PyBuffer) return !value.view;
  return !(value instanceof PyList || value instanceof PyDict || value instanceof PyByteArray);
}

/** True for what only the loading process knows: it may have any method. */
export function isOpaque(value: Value): value is PyGlobal | PyObject | PyPersistent | PyExtension {
  return value instanceof PyObject || value instanceof PyGlobal || value instanceof PyPersistent || value instanceof PyExtension;
}

/** A value as a short line: `os.system("id")`. Bounded in depth and length. */
export function describe(value: Value, depth = 3): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number" || typeof value === "bigint") return String(value).slice(0, 40);
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (value instanceof PyFloat) return String(value.value);
  if (value instanceof PyGlobal) return `${value.module}.${value.name}`.slice(0, 160);
  if (value instanceof PyBytes) return `b"…${value.length} bytes"`;
  if (value instanceof PyByteArray) return `bytearray(${value.length} bytes)`;
  if (value instanceof PyLongText) return `"…${value.length} bytes"`;
  if (value instanceof PyBuffer) return "buffer";
  if (value instanceof PyExtension) return `extension ${value.code}`;
  if (depth === 0) return "…";
  if (value instanceof PyPersistent) return `persistent(${describe(value.id, depth - 1)})`;
  if (value instanceof PyTuple) return `(${list(value.items, depth)})`;
  if (value instanceof PyList) return `[${list(value.items, depth)}]`;
  if (value instanceof PySet) return `{${list(value.items, depth)}}`;
  if (value instanceof PyDict) return `{${list(value.pairs, depth)}}`;
  const args = value.args instanceof PyTuple ? list(value.args.items, depth) : `*${describe(value.args, depth - 1)}`;
  return `${describe(value.callable, depth - 1)}(${args})`;
}

function list(items: readonly Value[], depth: number): string {
  const shown = items.slice(0, 4).map((item) => describe(item, depth - 1));
  return `${shown.join(", ")}${items.length > 4 ? ", …" : ""}`.slice(0, 300);
}
