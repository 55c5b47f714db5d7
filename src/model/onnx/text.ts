/** A model as text that a person can read and a golden test can compare: one line for each value and node, in order. */
import { escapeText } from "../../base/error/index.ts";
import { operatorName, requiredInputs } from "./graph.ts";
import type { Attribute, Dim, Graph, Model, Node, SparseTensor, ValueInfo, ValueType } from "./graph.ts";
import { elementCount, elementFamily } from "./tensor.ts";
import type { Tensor } from "./tensor.ts";
import { toNumbers } from "./values.ts";

/** Constants of up to this many elements are written out. */
const maxShown = 8;

/**
 * The text form of a model. Names that are more than letters, digits and `_./:` stand in quotes; control characters are escaped.
 * @example
 * printModel(model);
 * // opset 17
 * // main_graph(input: float32[N,1,28,28]) -> (logits: float32[N,10])
 * //   c1.weight = float32[16,1,4,4] 1024 bytes
 * //   relu = Relu(conv)
 */
export function printModel(model: Model): string {
  const opsets = [...model.opsets].map(([domain, version]) =>
    domain === "" ? `opset ${version}` : `${name(domain)} ${version}`,
  );
  const functions = model.functions.map((fn) => {
    const attributes = [...fn.attributes, ...[...fn.defaults].map(([key, value]) => `${key}=${attribute(value, "")}`)];
    const head = `function ${operatorName({ domain: fn.domain, op: fn.name })}<${attributes.join(", ")}>(${fn.inputs.map(name).join(", ")})`;
    return [`${head} -> (${fn.outputs.map(name).join(", ")})`, ...fn.nodes.map((node) => printNode(node, "  "))].join("\n");
  });
  return [opsets.join(", "), printGraph(model.graph), ...functions].join("\n");
}

/** The text form of a graph. */
export function printGraph(graph: Graph, indent = ""): string {
  const inner = `${indent}  `;
  const inputs = requiredInputs(graph).map(valueInfo).join(", ");
  const lines = [`${indent}${name(graph.name)}(${inputs}) -> (${graph.outputs.map(valueInfo).join(", ")})`];
  for (const [key, tensor] of graph.initializers) lines.push(`${inner}${name(key)} = ${constant(tensor)}`);
  for (const [key, sparse] of graph.sparseInitializers ?? []) lines.push(`${inner}${name(key)} = ${sparseText(sparse)}`);
  for (const node of graph.nodes) lines.push(printNode(node, inner));
  return lines.join("\n");
}

function printNode(node: Node, indent: string): string {
  const attributes = [...node.attributes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${attribute(value, indent)}`);
  const params = attributes.length === 0 ? "" : `<${attributes.join(", ")}>`;
  return `${indent}${node.outputs.map(name).join(", ")} = ${operatorName(node)}${params}(${node.inputs.map(name).join(", ")})`;
}

function attribute(value: Attribute, indent: string): string {
  switch (value.kind) {
    case "reference":
      return `@${value.value}`;
    case "int":
    case "float":
      return String(value.value);
    case "string":
      return quoted(value.value);
    case "ints":
    case "floats":
      return `[${shortened(value.value.map(String))}]`;
    case "strings":
      return `[${shortened(value.value.map(quoted))}]`;
    case "tensor":
      return constant(value.value);
    case "tensors":
      return `[${shortened(value.value.map(constant))}]`;
    case "graph":
      return `{\n${printGraph(value.value, `${indent}  `)}\n${indent}}`;
    case "graphs":
      return value.value.map((graph) => `{\n${printGraph(graph, `${indent}  `)}\n${indent}}`).join(", ");
    case "type":
      return typeText(value.value);
    case "types":
      return `[${value.value.map(typeText).join(", ")}]`;
    case "sparse":
      return sparseText(value.value);
    default:
      return `[${value.value.map(sparseText).join(", ")}]`;
  }
}

const shortened = (items: readonly string[]): string =>
  items.length <= 4 * maxShown ? items.join(", ") : `${items.slice(0, maxShown).join(", ")}, … ${items.length}`;

function constant(tensor: Tensor): string {
  const head = `${tensor.type}[${tensor.dims.join(",")}]`;
  if (tensor.external !== undefined) return `${head} in ${quoted(tensor.external.location)}`;
  const count = elementCount(tensor.dims);
  if (tensor.strings !== undefined)
    return count <= maxShown ? `${head} {${tensor.strings.map(quoted).join(", ")}}` : `${head} ${count} strings`;
  if (count > maxShown || elementFamily(tensor.type) === "complex") return `${head} ${tensor.data.length} bytes`;
  return `${head} {${toNumbers(tensor).join(", ")}}`;
}

const sparseText = ({ values, dims }: SparseTensor): string =>
  `sparse ${values.type}[${dims.join(",")}] of ${values.dims.join(",")}`;

const valueInfo = ({ name: key, type }: ValueInfo): string =>
  type === undefined ? name(key) : `${name(key)}: ${typeText(type)}`;

/** A type as it stands in messages and text: `float32[N,3,?]`, `seq(float32)`, `map(int64,float32)`. */
export function typeText(type: ValueType): string {
  const of = (inner: ValueType | undefined): string => (inner === undefined ? "?" : typeText(inner));
  switch (type.kind) {
    case "tensor":
      return `${type.elementType}${dimsText(type.dims)}`;
    case "sparse":
      return `sparse(${type.elementType}${dimsText(type.dims)})`;
    case "sequence":
      return `seq(${of(type.of)})`;
    case "optional":
      return `optional(${of(type.of)})`;
    case "map":
      return `map(${type.key},${of(type.of)})`;
    default:
      return `opaque(${quoted(type.domain)},${quoted(type.name)})`;
  }
}

const dimsText = (dims: readonly Dim[] | undefined): string =>
  dims === undefined
    ? ""
    : `[${dims.map((dim) => (dim === null ? "?" : typeof dim === "number" ? dim : escapeText(dim))).join(",")}]`;

const quoted = (text: string): string => JSON.stringify(escapeText(text, 80));

const name = (text: string): string => (text === "" ? "_" : /^[\w./:-]{1,200}$/.test(text) ? text : quoted(text));
