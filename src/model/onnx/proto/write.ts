/** A {@link Model} as bytes, fields in ascending order as protobuf's own writers do, so that the same model is always the same bytes. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {
  Attribute,
  Dim,
  Graph,
  Model,
  ModelFunction,
  Node,
  SparseTensor,
  TensorType,
  ValueInfo,
  ValueType,
} from "../graph.ts";
import { elementCode } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import { spelled, tensorOrigin } from "./origin.ts";
import { attributeKinds } from "./read-graph.ts";
import { writeTyped } from "./write-typed.ts";
import { WireWriter } from "./wire-writer.ts";

/**
 * Writes a model.
 * @throws onnx/too-large when the result would pass protobuf's limit of 2 GiB
 * @example
 * await writeFile("small.onnx", writeModel(model));
 */
export function writeModel(model: Model): Uint8Array {
  const w = new WireWriter();
  w.int64(1, model.irVersion);
  optionalText(w, 2, model.producer);
  optionalText(w, 3, model.producerVersion);
  optionalText(w, 4, model.domain);
  if (model.modelVersion !== undefined) w.int64(5, model.modelVersion);
  optionalText(w, 6, model.doc);
  w.message(7, () => writeGraph(w, model.graph));
  writeOpsets(w, 8, model.opsets);
  writeEntries(w, 14, model.metadata);
  for (const fn of model.functions) w.message(25, () => writeFunction(w, fn));
  if (w.size < 2 ** 31) return w.finish();
  throw new ModelkeepError("onnx/too-large", {
    message: `the model would be ${w.size} bytes, a protobuf file holds less than 2 GiB`,
    hint: "keep large weights as external data",
  });
}

function optionalText(w: WireWriter, field: number, text: string | undefined): void {
  if (text !== undefined) w.text(field, text);
}

/** A text that is left out when it is empty, unless the file it came from spelled it out. */
function text(w: WireWriter, field: number, { part, value }: { part: object; value: string }): void {
  optionalText(w, field, value === "" ? spelled(part, field) : value);
}

function writeOpsets(w: WireWriter, field: number, opsets: ReadonlyMap<string, number>): void {
  for (const [domain, version] of opsets) {
    w.message(field, () => {
      optionalText(w, 1, domain === "" ? spelled(opsets, 1) : domain);
      w.int64(2, version);
    });
  }
}

function writeEntries(w: WireWriter, field: number, entries: ReadonlyMap<string, string> | undefined): void {
  for (const [key, value] of entries ?? []) {
    w.message(field, () => {
      w.text(1, key);
      w.text(2, value);
    });
  }
}

function writeGraph(w: WireWriter, graph: Graph): void {
  for (const node of graph.nodes) w.message(1, () => writeNode(w, node));
  text(w, 2, { part: graph, value: graph.name });
  for (const [name, tensor] of graph.initializers) w.message(5, () => writeTensor(w, tensor, name));
  optionalText(w, 10, graph.doc);
  for (const info of graph.inputs) w.message(11, () => writeValueInfo(w, info));
  for (const info of graph.outputs) w.message(12, () => writeValueInfo(w, info));
  for (const info of graph.valueInfo.values()) w.message(13, () => writeValueInfo(w, info));
  for (const [name, sparse] of graph.sparseInitializers ?? []) w.message(15, () => writeSparse(w, sparse, name));
  writeEntries(w, 16, graph.metadata);
}

function writeNode(w: WireWriter, node: Node): void {
  for (const value of node.inputs) w.text(1, value);
  for (const value of node.outputs) w.text(2, value);
  text(w, 3, { part: node, value: node.name });
  w.text(4, node.op);
  for (const [name, attribute] of node.attributes) w.message(5, () => writeAttribute(w, name, attribute));
  optionalText(w, 6, node.doc);
  text(w, 7, { part: node, value: node.domain });
  optionalText(w, 8, node.overload);
  writeEntries(w, 9, node.metadata);
}

function writeAttribute(w: WireWriter, name: string, attribute: Attribute): void {
  w.text(1, name);
  if (attribute.kind !== "reference") writeAttributeValue(w, attribute);
  const kind = attribute.kind === "reference" ? attribute.of : attribute.kind;
  w.int64(20, attributeKinds.indexOf(kind));
  if (attribute.kind === "reference") w.text(21, attribute.value);
  if (attribute.kind === "sparse") w.message(22, () => writeSparse(w, attribute.value));
  if (attribute.kind === "sparses") for (const sparse of attribute.value) w.message(23, () => writeSparse(w, sparse));
}

/** The fields below the type's number; sparse tensors stand above it. */
function writeAttributeValue(w: WireWriter, attribute: Exclude<Attribute, { kind: "reference" }>): void {
  switch (attribute.kind) {
    case "float":
      return w.float(2, attribute.value);
    case "int":
      return w.int64(3, attribute.value);
    case "string":
      return w.text(4, attribute.value);
    case "tensor":
      return w.message(5, () => writeTensor(w, attribute.value));
    case "graph":
      return w.message(6, () => writeGraph(w, attribute.value));
    case "floats":
      for (const value of attribute.value) w.float(7, value);
      return;
    case "ints":
      for (const value of attribute.value) w.int64(8, value);
      return;
    case "strings":
      for (const value of attribute.value) w.text(9, value);
      return;
    case "tensors":
      for (const value of attribute.value) w.message(10, () => writeTensor(w, value));
      return;
    case "graphs":
      for (const value of attribute.value) w.message(11, () => writeGraph(w, value));
      return;
    case "type":
      return w.message(14, () => writeType(w, attribute.value));
    case "types":
      for (const value of attribute.value) w.message(15, () => writeType(w, value));
      return;
    default:
  }
}

function writeTensor(w: WireWriter, tensor: Tensor, name?: string): void {
  const origin = tensorOrigin(tensor);
  for (const dim of tensor.dims) w.int64(1, dim);
  w.int64(2, elementCode(tensor.type));
  if (tensor.strings !== undefined) for (const value of tensor.strings) w.text(6, value);
  const isTyped = origin?.encoding === "typed" && tensor.strings === undefined;
  if (isTyped) writeTyped(w, tensor, (field) => field < 8);
  optionalText(w, 8, name ?? origin?.name);
  if (!isTyped && tensor.strings === undefined && tensor.external === undefined) w.raw(9, tensor.data);
  if (isTyped) writeTyped(w, tensor, (field) => field > 8);
  optionalText(w, 12, origin?.doc);
  if (tensor.external === undefined) return;
  const { location, offset, length } = tensor.external;
  const entries = new Map([["location", location]]);
  if (offset !== 0) entries.set("offset", String(offset));
  if (length !== undefined) entries.set("length", String(length));
  writeEntries(w, 13, entries);
  w.int64(14, 1);
}

function writeSparse(w: WireWriter, { values, indices, dims }: SparseTensor, name?: string): void {
  w.message(1, () => writeTensor(w, values, name));
  w.message(2, () => writeTensor(w, indices));
  for (const dim of dims) w.int64(3, dim);
}

function writeValueInfo(w: WireWriter, info: ValueInfo): void {
  w.text(1, info.name);
  const { type } = info;
  if (type !== undefined) w.message(2, () => writeType(w, type));
  optionalText(w, 3, info.doc);
  writeEntries(w, 4, info.metadata);
}

function writeType(w: WireWriter, type: ValueType): void {
  switch (type.kind) {
    case "tensor":
      return w.message(1, () => writeTensorType(w, type));
    case "sparse":
      return w.message(8, () => writeTensorType(w, type));
    case "sequence":
      return w.message(4, () => writeElement(w, 1, type.of));
    case "optional":
      return w.message(9, () => writeElement(w, 1, type.of));
    case "map":
      return w.message(5, () => {
        w.int64(1, elementCode(type.key));
        writeElement(w, 2, type.of);
      });
    case "opaque":
      return w.message(7, () => {
        if (type.domain !== "") w.text(1, type.domain);
        if (type.name !== "") w.text(2, type.name);
      });
    default:
      throw new TypeError(`no such type: ${quote((type as ValueType).kind)}`);
  }
}

function writeElement(w: WireWriter, field: number, of: ValueType | undefined): void {
  if (of !== undefined) w.message(field, () => writeType(w, of));
}

function writeTensorType(w: WireWriter, { elementType, dims }: TensorType): void {
  w.int64(1, elementCode(elementType));
  if (dims !== undefined) {
    w.message(2, () => {
      for (const dim of dims) w.message(1, () => writeDim(w, dim));
    });
  }
}

function writeDim(w: WireWriter, dim: Dim): void {
  if (typeof dim === "number") w.int64(1, dim);
  else if (dim !== null) w.text(2, dim);
}

function writeFunction(w: WireWriter, fn: ModelFunction): void {
  w.text(1, fn.name);
  for (const value of fn.inputs) w.text(4, value);
  for (const value of fn.outputs) w.text(5, value);
  for (const value of fn.attributes) w.text(6, value);
  for (const node of fn.nodes) w.message(7, () => writeNode(w, node));
  optionalText(w, 8, fn.doc);
  writeOpsets(w, 9, fn.opsets);
  w.text(10, fn.domain);
  for (const [name, attribute] of fn.defaults) w.message(11, () => writeAttribute(w, name, attribute));
  for (const info of fn.valueInfo?.values() ?? []) w.message(12, () => writeValueInfo(w, info));
  optionalText(w, 13, fn.overload);
  writeEntries(w, 14, fn.metadata);
}
