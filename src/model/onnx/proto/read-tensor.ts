/** TensorProto and SparseTensorProto into {@link Tensor}s whose data fits their dimensions. Raw and fixed-width data stay views into the file. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { SparseTensor } from "../graph.ts";
import {
  badTensor,
  byteLength,
  elementBits,
  elementCount,
  elementFamily,
  elementTypeOf,
  makeTensor,
  stringTensor,
} from "../tensor.ts";
import type { ElementType, ExternalData, Tensor } from "../tensor.ts";
import { rememberTensor } from "./origin.ts";
import { once, WireReader } from "./wire-reader.ts";
import type { ReadState } from "./read-state.ts";
import { typedField } from "./write-typed.ts";

/** A tensor and the name it carried. */
export interface NamedTensor {
  readonly name: string;
  readonly tensor: Tensor;
}

/** What has been met of a TensorProto; which fields may hold the values depends on a type that may come after them. */
interface Parts {
  name: string | undefined;
  doc: string | undefined;
  code: number;
  dims: (number | bigint)[];
  raw: Uint8Array | undefined;
  fixed32: Uint8Array[];
  fixed64: Uint8Array[];
  varints: Uint8Array[];
  /** Field number of the first typed list met. */
  typed: number;
  strings: string[];
  external: Map<string, string>;
  isExternal: boolean;
}

const singular = once(2, 3, 8, 9, 12, 14);

/** @throws onnx/malformed · onnx/bad-tensor · onnx/unsupported · onnx/too-large */
export function readTensor(reader: WireReader): NamedTensor {
  const parts: Parts = {
    name: undefined,
    doc: undefined,
    code: 0,
    dims: [],
    raw: undefined,
    fixed32: [],
    fixed64: [],
    varints: [],
    typed: 0,
    strings: [],
    external: new Map(),
    isExternal: false,
  };
  while (reader.next(singular)) readField(reader, parts);
  const name = parts.name ?? "";
  try {
    return { name, tensor: finish(parts, reader.state) };
  } catch (cause) {
    if (!(cause instanceof ModelkeepError) || cause.code !== "onnx/bad-tensor") throw cause;
    throw new ModelkeepError("onnx/bad-tensor", {
      message: `tensor ${quote(name)}: ${cause.message}`,
      hint: cause.hint,
      status: 400,
    });
  }
}

function readField(reader: WireReader, parts: Parts): void {
  switch (reader.field) {
    case 1:
      reader.int64s(parts.dims);
      return reader.state.atMost("maxRank", parts.dims.length);
    case 2:
      parts.code = reader.int32();
      return;
    case 4:
      parts.fixed32.push(reader.fixed(4));
      return typed(reader, parts);
    case 5:
    case 7:
    case 11:
      parts.varints.push(reader.varints());
      return typed(reader, parts);
    case 6:
      parts.strings.push(reader.text());
      reader.count(1);
      return typed(reader, parts);
    case 8:
      parts.name = reader.text();
      return;
    case 9:
      parts.raw = reader.raw();
      return;
    case 10:
      parts.fixed64.push(reader.fixed(8));
      return typed(reader, parts);
    case 12:
      parts.doc = reader.text();
      return;
    case 13:
      return readEntry(reader.message("StringStringEntryProto"), parts.external);
    case 14:
      parts.isExternal = reader.int32() === 1;
      return;
    case 3:
      throw new ModelkeepError("onnx/unsupported", {
        message: "a tensor is stored in segments",
        hint: "save the model with whole tensors; no exporter we know writes segments",
        status: 400,
      });
    default:
      return reader.drop();
  }
}

function typed(reader: WireReader, parts: Parts): void {
  if (parts.typed !== 0 && parts.typed !== reader.field) throw reader.malformed("a tensor holds values in two fields");
  parts.typed = reader.field;
}

/** A key and a value of a string map. @throws onnx/malformed when the key is there already */
export function readEntry(reader: WireReader, into: Map<string, string>): void {
  let key = "";
  let value = "";
  while (reader.next(once(1, 2))) {
    if (reader.field === 1) key = reader.text();
    else if (reader.field === 2) value = reader.text();
    else reader.drop();
  }
  if (into.has(key)) throw reader.malformed(`key ${quote(key)} appears twice`);
  into.set(key, value);
}

function finish(parts: Parts, state: ReadState): Tensor {
  const type = elementTypeOf(parts.code);
  if (type === undefined) {
    throw new ModelkeepError("onnx/unsupported", {
      message: `tensor ${quote(parts.name ?? "")} has element type number ${parts.code}`,
      hint: "element types 1 to 28 of ONNX are known; export with one of these",
      status: 400,
    });
  }
  const dims = parts.dims.map(Number);
  const count = elementCount(dims);
  const origin = { name: parts.name, doc: parts.doc, encoding: parts.raw === undefined ? ("typed" as const) : ("raw" as const) };
  if (parts.raw !== undefined && parts.typed !== 0) throw badTensor("holds both raw and typed values");
  if (parts.isExternal) return externalTensor(parts, type, dims);
  if (type === "string") {
    if (parts.raw !== undefined) throw badTensor("a string tensor cannot be raw");
    return rememberTensor(stringTensor(dims, parts.strings), origin);
  }
  const data = parts.raw ?? typedBytes(parts, { type, count, state });
  return rememberTensor(makeTensor(type, dims, data), origin);
}

function externalTensor(parts: Parts, type: ElementType, dims: readonly number[]): Tensor {
  if (parts.raw !== undefined || parts.typed !== 0) throw badTensor("holds values and says that they lie outside");
  const number = (key: string): number | undefined => {
    const text = parts.external.get(key);
    if (text === undefined) return undefined;
    if (!/^\d{1,15}$/.test(text)) throw badTensor(`external data has ${key} ${quote(text)}`);
    return Number(text);
  };
  const location = parts.external.get("location") ?? "";
  const external: ExternalData = { location, offset: number("offset") ?? 0, length: number("length") };
  const want = byteLength(type, elementCount(dims));
  if (external.length !== undefined && external.length !== want) {
    throw badTensor(`takes ${want} bytes, its external data has ${external.length}`);
  }
  return rememberTensor({ type, dims, data: new Uint8Array(0), external }, { name: parts.name, doc: parts.doc, encoding: "raw" });
}

function typedBytes(parts: Parts, { type, count, state }: { type: ElementType; count: number; state: ReadState }): Uint8Array {
  const field = typedField(type);
  if (parts.typed !== 0 && parts.typed !== field) throw badTensor(`${type} values cannot be in field ${parts.typed}`);
  if (field === 4) return join(parts.fixed32);
  if (field === 10) return join(parts.fixed64);
  return varintBytes(parts.varints, { type, count, state });
}

function join(blocks: readonly Uint8Array[]): Uint8Array {
  if (blocks.length === 1) return blocks[0]!;
  const joined = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    joined.set(block, at);
    at += block.length;
  }
  return joined;
}

/** Decodes varints into bytes of the type's width. INVARIANT: allocates only after the number of varints is known to fit. */
function varintBytes(blocks: readonly Uint8Array[], want: { type: ElementType; count: number; state: ReadState }): Uint8Array {
  const { type, count, state } = want;
  const bits = elementBits(type);
  // Sub-byte types are stored one packed byte per entry, except the 6-bit floats: one element per entry.
  const perEntry = bits === 4 || bits === 2 ? 8 / bits : 1;
  const entries = Math.ceil(count / perEntry);
  let found = 0;
  for (const block of blocks) for (const byte of block) if (byte < 128) found++;
  if (found !== entries) throw badTensor(`takes ${entries} values, has ${found}`);
  state.atMost("maxListItems", (state.listItems += found));
  const bytes = new Uint8Array(bits === 6 ? byteLength(type, count) : entries * Math.max(1, bits / 8));
  const view = new DataView(bytes.buffer);
  let index = 0;
  for (const block of blocks) {
    new WireReader(block, "TensorProto", state).eachVarint((low, high) => put({ view, bits, index: index++ }, low, high));
  }
  if (elementFamily(type) === "bool") for (const [i, byte] of bytes.entries()) bytes[i] = byte === 0 ? 0 : 1;
  return bytes;
}

function put({ view, bits, index }: { view: DataView; bits: number; index: number }, low: number, high: number): void {
  if (bits === 64) {
    view.setUint32(index * 8, low, true);
    view.setUint32(index * 8 + 4, high, true);
  } else if (bits === 32) view.setUint32(index * 4, low, true);
  else if (bits === 16) view.setUint16(index * 2, low & 0xffff, true);
  else if (bits === 6) {
    const bit = index * 6;
    const word = (low & 63) << (bit & 7);
    view.setUint8(bit >> 3, view.getUint8(bit >> 3) | (word & 255));
    if (word > 255) view.setUint8((bit >> 3) + 1, word >> 8);
  } else view.setUint8(index, low & 255);
}

/** @throws onnx/malformed · onnx/bad-tensor · onnx/unsupported · onnx/too-large */
export function readSparse(reader: WireReader): { readonly name: string; readonly sparse: SparseTensor } {
  let values: NamedTensor | undefined;
  let indices: NamedTensor | undefined;
  const dims: (number | bigint)[] = [];
  while (reader.next(once(1, 2))) {
    if (reader.field === 1) values = readTensor(reader.message("TensorProto"));
    else if (reader.field === 2) indices = readTensor(reader.message("TensorProto"));
    else if (reader.field === 3) reader.int64s(dims);
    else reader.drop();
  }
  if (values === undefined || indices === undefined) throw reader.malformed("a sparse tensor lacks values or indices");
  const sparse: SparseTensor = { dims: dims.map(Number), values: values.tensor, indices: indices.tensor };
  elementCount(sparse.dims);
  const count = elementCount(sparse.values.dims);
  const [rows, rank] = sparse.indices.dims;
  const fits = rows === count && (rank === undefined || rank === sparse.dims.length) && sparse.indices.dims.length <= 2;
  if (!fits || sparse.indices.type !== "int64" || sparse.values.dims.length !== 1) {
    throw badTensor(`sparse tensor ${quote(values.name)}: values, indices and dimensions do not fit together`);
  }
  return { name: values.name, sparse };
}
