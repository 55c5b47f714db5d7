/** GraphProto, NodeProto and AttributeProto: they contain each other, so they are read in one file. */
import { quote } from "../../../base/error/index.ts";
import type { Attribute, AttributeKind, Graph, Node, SparseTensor, ValueInfo } from "../graph.ts";
import type { Tensor } from "../tensor.ts";
import { rememberSpelling } from "./origin.ts";
import { readEntry, readSparse, readTensor } from "./read-tensor.ts";
import { define, optional, readType, readValueInfo } from "./read-type.ts";
import { once } from "./wire-reader.ts";
import type { WireReader } from "./wire-reader.ts";

/** `AttributeProto.AttributeType` by number. */
export const attributeKinds: readonly (AttributeKind | undefined)[] = [
  undefined,
  "float",
  "int",
  "string",
  "tensor",
  "graph",
  "floats",
  "ints",
  "strings",
  "tensors",
  "graphs",
  "sparse",
  "sparses",
  "type",
  "types",
];

/** The standard domain has two spellings; inside a {@link Model} it has one. */
export const canonicalDomain = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/** @throws onnx/malformed · onnx/bad-tensor · onnx/unsupported · onnx/too-large */
export function readGraph(reader: WireReader): Graph {
  let name = "";
  let doc: string | undefined;
  const inputs: ValueInfo[] = [];
  const outputs: ValueInfo[] = [];
  const nodes: Node[] = [];
  const initializers = new Map<string, Tensor>();
  const sparseInitializers = new Map<string, SparseTensor>();
  const valueInfo = new Map<string, ValueInfo>();
  const metadata = new Map<string, string>();
  const spelling = new Map<number, string>();
  while (reader.next(once(2, 10))) {
    if (reader.field === 1) nodes.push(readNode(reader.message("NodeProto")));
    else if (reader.field === 2) name = note(spelling, 2, reader.text());
    else if (reader.field === 5) {
      const { name, tensor } = readTensor(reader.message("TensorProto"));
      define(reader, initializers, name, tensor);
    } else if (reader.field === 10) doc = reader.text();
    else if (reader.field === 11) inputs.push(readValueInfo(reader.message("ValueInfoProto")));
    else if (reader.field === 12) outputs.push(readValueInfo(reader.message("ValueInfoProto")));
    else if (reader.field === 13) {
      const info = readValueInfo(reader.message("ValueInfoProto"));
      define(reader, valueInfo, info.name, info);
    } else if (reader.field === 15) {
      const { name, sparse } = readSparse(reader.message("SparseTensorProto"));
      define(reader, sparseInitializers, name, sparse);
    } else if (reader.field === 16) readEntry(reader.message("StringStringEntryProto"), metadata);
    else reader.drop();
  }
  const graph = { name, inputs, outputs, nodes, initializers, valueInfo, ...optional({ sparseInitializers, metadata, doc }) };
  return rememberSpelling(graph, spelling);
}

/** Remembers an empty text that the file spelled out. */
function note(spelling: Map<number, string>, field: number, text: string, meaning = text): string {
  if (meaning === "") spelling.set(field, text);
  return meaning;
}

/** @throws onnx/malformed · onnx/bad-tensor · onnx/unsupported · onnx/too-large */
export function readNode(reader: WireReader): Node {
  reader.state.atMost("maxNodes", ++reader.state.nodes);
  let op = "";
  let domain = "";
  let name = "";
  let overload: string | undefined;
  let doc: string | undefined;
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, Attribute>();
  const metadata = new Map<string, string>();
  const spelling = new Map<number, string>();
  while (reader.next(once(3, 4, 6, 7, 8))) {
    if (reader.field === 1) inputs.push(listed(reader));
    else if (reader.field === 2) outputs.push(listed(reader));
    else if (reader.field === 3) name = note(spelling, 3, reader.text());
    else if (reader.field === 4) op = reader.text();
    else if (reader.field === 5) readAttribute(reader.message("AttributeProto"), attributes);
    else if (reader.field === 6) doc = reader.text();
    else if (reader.field === 7) {
      const text = reader.text();
      domain = note(spelling, 7, text, canonicalDomain(text));
    } else if (reader.field === 8) overload = reader.text() || undefined;
    else if (reader.field === 9) readEntry(reader.message("StringStringEntryProto"), metadata);
    else reader.drop();
  }
  return rememberSpelling({ op, domain, name, inputs, outputs, attributes, ...optional({ overload, doc, metadata }) }, spelling);
}

/** One string of a list, counted. */
export function listed(reader: WireReader): string {
  reader.count(1);
  return reader.text();
}

/** What has been met of an AttributeProto: scalars by kind, lists as they grow. */
interface AttributeParts {
  name: string;
  type: number;
  reference: string | undefined;
  readonly found: Map<AttributeKind, unknown>;
}

/** @throws onnx/malformed · onnx/bad-tensor · onnx/unsupported · onnx/too-large */
export function readAttribute(reader: WireReader, into: Map<string, Attribute>): void {
  const parts: AttributeParts = { name: "", type: 0, reference: undefined, found: new Map() };
  while (reader.next(once(1, 2, 3, 4, 5, 6, 13, 14, 20, 21, 22))) readAttributeField(reader, parts);
  if (into.has(parts.name)) throw reader.malformed(`attribute ${quote(parts.name)} appears twice`);
  into.set(parts.name, finishAttribute(reader, parts));
}

function readAttributeField(reader: WireReader, parts: AttributeParts): void {
  const { found } = parts;
  const list = <T>(kind: AttributeKind): T[] => {
    if (!found.has(kind)) found.set(kind, []);
    return found.get(kind) as T[];
  };
  switch (reader.field) {
    case 1:
      parts.name = reader.text();
      return;
    case 2:
      return void found.set("float", reader.float());
    case 3:
      return void found.set("int", reader.int64());
    case 4:
      return void found.set("string", reader.text());
    case 5:
      return void found.set("tensor", readTensor(reader.message("TensorProto")).tensor);
    case 6:
      return void found.set("graph", readGraph(reader.message("GraphProto")));
    case 7:
      return reader.floats(list("floats"));
    case 8:
      return reader.int64s(list("ints"));
    case 9:
      return void list("strings").push(listed(reader));
    case 10:
      return void list("tensors").push(readTensor(reader.message("TensorProto")).tensor);
    case 11:
      return void list("graphs").push(readGraph(reader.message("GraphProto")));
    case 14:
      return void found.set("type", readType(reader.message("TypeProto")));
    case 15:
      return void list("types").push(readType(reader.message("TypeProto")));
    case 20:
      parts.type = reader.int32();
      return;
    case 21:
      parts.reference = reader.text() || undefined;
      return;
    case 22:
      return void found.set("sparse", readSparse(reader.message("SparseTensorProto")).sparse);
    case 23:
      return void list("sparses").push(readSparse(reader.message("SparseTensorProto")).sparse);
    default:
      return reader.drop();
  }
}

const emptyValues: Partial<Record<AttributeKind, unknown>> = { int: 0, float: 0, string: "" };

function finishAttribute(reader: WireReader, parts: AttributeParts): Attribute {
  const { found, reference, name } = parts;
  const declared = attributeKinds[parts.type];
  if (parts.type !== 0 && declared === undefined)
    throw reader.malformed(`attribute ${quote(name)} has type number ${parts.type}`);
  if (reference !== undefined) {
    if (found.size > 0) throw reader.malformed(`attribute ${quote(name)} has a value and refers to another`);
    return { kind: "reference", value: reference, of: declared ?? "int" };
  }
  // Files of IR version 1 leave the type out; then the one field that is set tells it.
  const kind = declared ?? [...found.keys()][0];
  if (kind === undefined) throw reader.malformed(`attribute ${quote(name)} has neither type nor value`);
  if (found.size > 1 || (found.size === 1 && !found.has(kind))) {
    throw reader.malformed(`attribute ${quote(name)} is ${kind} and holds ${[...found.keys()].join(" and ")}`);
  }
  const value = found.get(kind) ?? emptyValues[kind] ?? (kind.endsWith("s") ? [] : undefined);
  if (value === undefined) throw reader.malformed(`attribute ${quote(name)} is ${kind} and holds nothing`);
  return { kind, value } as Attribute;
}
