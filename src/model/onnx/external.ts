/** Tensor data outside the model file: where it lies, whether that place is allowed, and putting it in. */
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { nodeLabel } from "./graph.ts";
import type { Attribute, Graph, Model, Node } from "./graph.ts";
import { byteLength, elementCount, makeTensor } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";

/** Every tensor of a model, those in subgraphs and functions included, with a name for messages. */
export function* tensorsOf(model: Model): Generator<{ readonly label: string; readonly tensor: Tensor }> {
  yield* ofGraph(model.graph);
  for (const fn of model.functions) {
    for (const [name, attribute] of fn.defaults) yield* ofAttribute(name, attribute);
    for (const node of fn.nodes) yield* ofNode(node);
  }
}

/** Every place outside its file where a model says that data lies. */
export function externalLocations(model: Model): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { tensor } of tensorsOf(model)) if (tensor.external !== undefined) found.add(tensor.external.location);
  return found;
}

function* ofGraph(graph: Graph): Generator<{ label: string; tensor: Tensor }> {
  for (const [name, tensor] of graph.initializers) yield { label: name, tensor };
  for (const [name, { values, indices }] of graph.sparseInitializers ?? []) {
    yield { label: name, tensor: values };
    yield { label: name, tensor: indices };
  }
  for (const node of graph.nodes) yield* ofNode(node);
}

function* ofNode(node: Node): Generator<{ label: string; tensor: Tensor }> {
  for (const attribute of node.attributes.values()) yield* ofAttribute(nodeLabel(node), attribute);
}

function* ofAttribute(label: string, { kind, value }: Attribute): Generator<{ label: string; tensor: Tensor }> {
  if (kind === "tensor") yield { label, tensor: value };
  else if (kind === "tensors") for (const tensor of value) yield { label, tensor };
  else if (kind === "graph") yield* ofGraph(value);
  else if (kind === "graphs") for (const graph of value) yield* ofGraph(graph);
  else if (kind === "sparse" || kind === "sparses") {
    for (const { values, indices } of kind === "sparse" ? [value] : value) {
      yield { label, tensor: values };
      yield { label, tensor: indices };
    }
  }
}

/**
 * Refuses places that are not plain relative paths: absolute ones, `..`, drives, UNC, and ONNX Runtime's own
 * `_ORT_MEM_ADDR_` tag, which makes an offset an address in memory.
 * @throws onnx/external-data
 */
export function checkLocation(location: string): void {
  const segments = location.split("/");
  // oxlint-disable-next-line no-control-regex
  const forbidden = location === "" || location.length > 1024 || /[\u0000-\u001f\\:*?"<>|]/.test(location);
  if (!forbidden && !location.startsWith("/") && segments.every((segment) => segment !== ".." && segment !== "")) return;
  throw new ModelkeepError("onnx/external-data", {
    message: `external data at ${quote(location)} is not a plain path beside the model`,
    hint: "save the model again with its data file in the model's own folder",
    status: 400,
  });
}

/**
 * Checks that all data outside the file is listed.
 * @throws onnx/external-data
 */
export function checkExternal(model: Model, listed: ReadonlySet<string>): void {
  for (const { label, tensor } of tensorsOf(model)) {
    if (tensor.external === undefined) continue;
    const { location } = tensor.external;
    checkLocation(location);
    if (listed.has(location)) continue;
    throw new ModelkeepError("onnx/external-data", {
      message: `tensor ${quote(label)} keeps its data in ${quote(location)}, which is not listed`,
      hint: "list that file with its sha256 digest, or export with all data in one file (`external_data=False` in PyTorch)",
      status: 400,
    });
  }
}

/** Gives the bytes of a file that the model names; the caller has verified their digest. */
export type ExternalResolver = (location: string) => Uint8Array | undefined;

/**
 * The same model with its outside data in place, as views into the resolver's bytes.
 * @throws onnx/external-data · onnx/bad-tensor
 */
export function loadExternal(model: Model, resolve: ExternalResolver): Model {
  return { ...model, graph: loadGraph(model.graph, resolve) };
}

function loadGraph(graph: Graph, resolve: ExternalResolver): Graph {
  const initializers = new Map([...graph.initializers].map(([name, tensor]) => [name, loadTensor(tensor, resolve)] as const));
  return { ...graph, initializers, nodes: graph.nodes.map((node) => loadNode(node, resolve)) };
}

function loadNode(node: Node, resolve: ExternalResolver): Node {
  const attributes = new Map<string, Attribute>();
  let changed = false;
  for (const [name, attribute] of node.attributes) {
    const loaded = loadAttribute(attribute, resolve);
    changed ||= loaded !== attribute;
    attributes.set(name, loaded);
  }
  return changed ? { ...node, attributes } : node;
}

function loadAttribute(attribute: Attribute, resolve: ExternalResolver): Attribute {
  if (attribute.kind === "graph") return { kind: "graph", value: loadGraph(attribute.value, resolve) };
  if (attribute.kind !== "tensor" || attribute.value.external === undefined) return attribute;
  return { kind: "tensor", value: loadTensor(attribute.value, resolve) };
}

function loadTensor(tensor: Tensor, resolve: ExternalResolver): Tensor {
  if (tensor.external === undefined) return tensor;
  const { location, offset, length } = tensor.external;
  checkLocation(location);
  const file = resolve(location);
  const want = length ?? byteLength(tensor.type, elementCount(tensor.dims));
  if (file === undefined || offset + want > file.length) {
    throw new ModelkeepError("onnx/external-data", {
      message: `the model's data file ${quote(location)} is missing or too short`,
      hint: "put the file that was exported with the model beside it",
      status: 400,
    });
  }
  return makeTensor(tensor.type, tensor.dims, file.subarray(offset, offset + want));
}
