/** ValueInfoProto and TypeProto. */
import { quote } from "../../../base/error/index.ts";
import type { Dim, ValueInfo, ValueType } from "../graph.ts";
import { elementTypeOf } from "../tensor.ts";
import type { ElementType } from "../tensor.ts";
import { readEntry } from "./read-tensor.ts";
import { once } from "./wire-reader.ts";
import type { WireReader } from "./wire-reader.ts";

/** Adds a named part. @throws onnx/malformed when the name is taken */
export function define<T>(reader: WireReader, into: Map<string, T>, name: string, value: T): void {
  if (into.has(name)) throw reader.malformed(`${quote(name)} is defined twice in field ${reader.field}`);
  into.set(name, value);
}

/** Only the parts that say something, so that graphs stay small and comparable. */
export function optional<T extends object>(parts: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(parts).filter(([, value]) => value !== undefined && !(value instanceof Map && value.size === 0)),
  ) as Partial<T>;
}

/** @throws onnx/malformed · onnx/too-large */
export function readValueInfo(reader: WireReader): ValueInfo {
  let name = "";
  let type: ValueType | undefined;
  let doc: string | undefined;
  const metadata = new Map<string, string>();
  while (reader.next(once(1, 2, 3))) {
    if (reader.field === 1) name = reader.text();
    else if (reader.field === 2) type = readType(reader.message("TypeProto"));
    else if (reader.field === 3) doc = reader.text();
    else if (reader.field === 4) readEntry(reader.message("StringStringEntryProto"), metadata);
    else reader.drop();
  }
  return { name, ...optional({ type, doc, metadata }) };
}

/** @throws onnx/malformed · onnx/too-large */
export function readType(reader: WireReader): ValueType | undefined {
  let type: ValueType | undefined;
  let members = 0;
  while (reader.next(once(1, 4, 5, 6, 7, 8, 9))) {
    if (reader.field !== 6 && reader.field < 10 && ++members > 1) throw reader.malformed("a type says two things");
    if (reader.field === 1) type = readTensorType(reader.message("TypeProto.Tensor"), "tensor");
    else if (reader.field === 4) type = { kind: "sequence", of: readElement(reader.message("TypeProto.Sequence"), 1).of };
    else if (reader.field === 5) {
      const { key, of } = readElement(reader.message("TypeProto.Map"), 2);
      type = { kind: "map", key: elementType(reader, key) ?? "int64", of };
    } else if (reader.field === 8) type = readTensorType(reader.message("TypeProto.SparseTensor"), "sparse");
    else if (reader.field === 9) type = { kind: "optional", of: readElement(reader.message("TypeProto.Optional"), 1).of };
    else if (reader.field === 7) type = readOpaque(reader.message("TypeProto.Opaque"));
    else reader.drop();
  }
  return type;
}

/** Sequence and Optional hold their element type in field 1, Map its key in field 1 and the value's type in field 2. */
function readElement(reader: WireReader, field: 1 | 2): { key: number; of: ValueType | undefined } {
  const result: { key: number; of: ValueType | undefined } = { key: 0, of: undefined };
  while (reader.next(once(1, 2))) {
    if (reader.field === field) result.of = readType(reader.message("TypeProto"));
    else if (reader.field === 1) result.key = reader.int32();
    else reader.drop();
  }
  return result;
}

function readOpaque(reader: WireReader): ValueType {
  const texts = ["", "", ""];
  while (reader.next(once(1, 2))) {
    if (reader.field < 3) texts[reader.field] = reader.text();
    else reader.drop();
  }
  return { kind: "opaque", domain: texts[1]!, name: texts[2]! };
}

function elementType(reader: WireReader, code: number): ElementType | undefined {
  const type = elementTypeOf(code);
  if (type === undefined && code !== 0) throw reader.malformed(`element type number ${code} is not known`);
  return type;
}

function readTensorType(reader: WireReader, kind: "tensor" | "sparse"): ValueType | undefined {
  let code = 0;
  let dims: Dim[] | undefined;
  while (reader.next(once(1, 2))) {
    if (reader.field === 1) code = reader.int32();
    else if (reader.field === 2) dims = readShape(reader.message("TensorShapeProto"));
    else reader.drop();
  }
  const type = elementType(reader, code);
  return type === undefined ? undefined : { kind, elementType: type, ...optional({ dims }) };
}

function readShape(reader: WireReader): Dim[] {
  const dims: Dim[] = [];
  while (reader.next(0)) {
    if (reader.field === 1) dims.push(readDim(reader.message("TensorShapeProto.Dimension")));
    else reader.drop();
  }
  reader.state.atMost("maxRank", dims.length);
  return dims;
}

function readDim(reader: WireReader): Dim {
  let dim: Dim = null;
  while (reader.next(once(1, 2, 3))) {
    if (reader.met(1) && reader.met(2)) throw reader.malformed("a dimension has a value and a symbol");
    if (reader.field === 1) dim = reader.safeInt();
    else if (reader.field === 2) dim = reader.text() || null;
    else reader.drop();
  }
  // Some exporters write −1 for "not known"; ONNX Runtime takes it the same way.
  if (dim === -1) return null;
  if (typeof dim === "number" && dim < 0) throw reader.malformed(`a dimension is ${dim}`);
  return dim;
}
