/** ModelProto and FunctionProto into the immutable {@link Model}. Field numbers are those of onnx.proto (IR version 14). */
import { quote } from "../../../base/error/index.ts";
import type { Attribute, Graph, Model, ModelFunction, Node, ValueInfo } from "../graph.ts";
import { canonicalDomain, listed, readAttribute, readGraph, readNode } from "./read-graph.ts";
import { rememberSpelling } from "./origin.ts";
import { readEntry } from "./read-tensor.ts";
import { define, optional, readValueInfo } from "./read-type.ts";
import { ReadState } from "./read-state.ts";
import { once, WireReader } from "./wire-reader.ts";
import type { ReadLimits } from "./read-state.ts";

/**
 * Reads an ONNX file. Weights stay views into `bytes`, so `bytes` must not change while the model is in use.
 *
 * The result is well-formed, not yet sensible: see `checkModel` for names and types, `costOf` for what it would cost to run.
 * @throws onnx/malformed · onnx/too-large · onnx/bad-tensor · onnx/unsupported
 */
export function readModelProto(bytes: Uint8Array, limits: Partial<ReadLimits> = {}): Model {
  const state = new ReadState(limits);
  state.atMost("maxBytes", bytes.length);
  const reader = new WireReader(bytes, "ModelProto", state);
  let graph: Graph | undefined;
  const model = {
    irVersion: 0,
    opsets: new Map<string, number>(),
    functions: [] as ModelFunction[],
    metadata: new Map<string, string>(),
    producer: undefined as string | undefined,
    producerVersion: undefined as string | undefined,
    domain: undefined as string | undefined,
    modelVersion: undefined as number | bigint | undefined,
    doc: undefined as string | undefined,
  };
  while (reader.next(once(1, 2, 3, 4, 5, 6, 7))) {
    if (reader.field === 1) model.irVersion = reader.safeInt();
    else if (reader.field === 2) model.producer = reader.text();
    else if (reader.field === 3) model.producerVersion = reader.text();
    else if (reader.field === 4) model.domain = reader.text();
    else if (reader.field === 5) model.modelVersion = reader.int64();
    else if (reader.field === 6) model.doc = reader.text();
    else if (reader.field === 7) graph = readGraph(reader.message("GraphProto"));
    else if (reader.field === 8) readOpset(reader.message("OperatorSetIdProto"), model.opsets);
    else if (reader.field === 14) readEntry(reader.message("StringStringEntryProto"), model.metadata);
    else if (reader.field === 25) model.functions.push(readFunction(reader.message("FunctionProto")));
    else reader.drop();
  }
  if (graph === undefined) throw reader.malformed("the file holds no graph");
  if (model.opsets.size === 0) throw reader.malformed("the file names no operator set");
  return { ...model, graph, dropped: [...state.dropped].sort() };
}

function readOpset(reader: WireReader, into: Map<string, number>): void {
  let domain = "";
  let version = 0;
  while (reader.next(once(1, 2))) {
    if (reader.field === 1) domain = reader.text();
    else if (reader.field === 2) version = reader.safeInt();
    else reader.drop();
  }
  if (canonicalDomain(domain) === "" && reader.met(1)) rememberSpelling(into, new Map([[1, domain]]));
  domain = canonicalDomain(domain);
  // scikit-learn's exporter says the same thing twice; two versions of one domain would leave open which one runs.
  if ((into.get(domain) ?? version) !== version) throw reader.malformed(`two versions of operator set ${quote(domain)}`);
  into.set(domain, version);
}

function readFunction(reader: WireReader): ModelFunction {
  const texts = new Map<number, string>();
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes: string[] = [];
  const defaults = new Map<string, Attribute>();
  const nodes: Node[] = [];
  const opsets = new Map<string, number>();
  const valueInfo = new Map<string, ValueInfo>();
  const metadata = new Map<string, string>();
  while (reader.next(once(1, 8, 10, 13))) {
    const { field } = reader;
    if (field === 1 || field === 8 || field === 10 || field === 13) texts.set(field, reader.text());
    else if (field === 4) inputs.push(listed(reader));
    else if (field === 5) outputs.push(listed(reader));
    else if (field === 6) attributes.push(listed(reader));
    else if (field === 7) nodes.push(readNode(reader.message("NodeProto")));
    else if (field === 9) readOpset(reader.message("OperatorSetIdProto"), opsets);
    else if (field === 11) readAttribute(reader.message("AttributeProto"), defaults);
    else if (field === 12) {
      const info = readValueInfo(reader.message("ValueInfoProto"));
      define(reader, valueInfo, info.name, info);
    } else if (field === 14) readEntry(reader.message("StringStringEntryProto"), metadata);
    else reader.drop();
  }
  const parts = { overload: texts.get(13) || undefined, valueInfo, doc: texts.get(8), metadata };
  const name = texts.get(1) ?? "";
  const domain = canonicalDomain(texts.get(10) ?? "");
  return { name, domain, inputs, outputs, attributes, defaults, nodes, opsets, ...optional(parts) };
}
