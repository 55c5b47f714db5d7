/** Writing out the functions that a model brings along. */
import { capturedBy, indexOf } from "../lookup.ts";
import { GraphBuilder } from "../builder.ts";
import { subgraphs } from "../graph.ts";
import type { Attribute, Graph, Model, ModelFunction, Node } from "../graph.ts";
import { bodyOf, FunctionTable } from "../infer/functions.ts";
import { raiseOpset } from "./raise-opset.ts";

/** Nodes that a model may have once its functions are written out. */
const maxNodes = 200_000;

/**
 * The same model without functions: each call is replaced by the function's body, in the model's operator sets.
 * @throws onnx/bad-graph when a function calls itself · onnx/too-costly when there are too many nodes · onnx/bad-rewrite when a function's
 * older operators have no equal in the model's set
 * @example
 * const flat = inlineFunctions(readModel(bytes));
 */
export function inlineFunctions(model: Model): Model {
  if (model.functions.length === 0) return model;
  const modern = { ...model, functions: model.functions.map((fn) => inOpsetOf(model, fn)) };
  const table = new FunctionTable(modern);
  table.expandedNodes(modern, maxNodes);
  const names = new Set(indexOf(model.graph).names);
  const b = new GraphBuilder({ from: { ...model.graph, nodes: [] }, opsets: model.opsets, names });
  const graph = inlineGraph(model.graph, { table, b });
  const opsets = new Map(model.opsets);
  for (const { opsets: own } of modern.functions)
    for (const [domain, version] of own) if (!opsets.has(domain)) opsets.set(domain, version);
  return { ...model, opsets, graph, functions: [] };
}

/** A function's body in the model's version of the standard domain. */
function inOpsetOf(model: Model, fn: ModelFunction): ModelFunction {
  const [own, target] = [fn.opsets.get(""), model.opsets.get("")];
  if (own === undefined || target === undefined || own >= target) return fn;
  const graph: Graph = {
    name: fn.name,
    inputs: fn.inputs.map((name) => ({ name })),
    outputs: fn.outputs.map((name) => ({ name })),
    nodes: fn.nodes,
    initializers: new Map(),
    valueInfo: fn.valueInfo ?? new Map(),
  };
  const raised = raiseOpset({ ...model, graph, functions: [], opsets: fn.opsets }, target).graph;
  // What raising stored as constants becomes nodes: a function has no initializers.
  const constants = [...raised.initializers].map(([name, value]): Node => ({
    op: "Constant",
    domain: "",
    name: "",
    inputs: [],
    outputs: [name],
    attributes: new Map([["value", { kind: "tensor", value }]]),
  }));
  return { ...fn, nodes: [...constants, ...raised.nodes], opsets: new Map(fn.opsets).set("", target) };
}

interface Inlining {
  readonly table: FunctionTable;
  /** Gives names that nothing in the model has. */
  readonly b: GraphBuilder;
}

function inlineGraph(graph: Graph, to: Inlining): Graph {
  return { ...graph, nodes: graph.nodes.flatMap((node) => inlineNode(node, to)) };
}

function inlineNode(node: Node, to: Inlining): readonly Node[] {
  const fn = to.table.of(node);
  if (fn === undefined) return [withBodies(node, (body) => inlineGraph(body, to))];
  const names = new Map<string, string>();
  fn.inputs.forEach((name, i) => void names.set(name, node.inputs[i] ?? ""));
  const body = bodyOf(fn, node);
  const made = new Set(body.flatMap(({ outputs }) => outputs));
  fn.outputs.forEach((name, i) => {
    const output = node.outputs[i] ?? "";
    if (output !== "" && made.has(name)) names.set(name, output);
  });
  for (const name of made) if (name !== "" && !names.has(name)) names.set(name, to.b.fresh(name));
  const nodes = body.flatMap((inner) => inlineNode(renamed(inner, names), to));
  // An output may be an input handed through, which has no node to take the call's name.
  const through = fn.outputs.flatMap((name, i): Node[] =>
    made.has(name) || (node.outputs[i] ?? "") === ""
      ? []
      : [
          {
            op: "Identity",
            domain: "",
            name: "",
            inputs: [names.get(name) ?? name],
            outputs: [node.outputs[i]!],
            attributes: new Map(),
          },
        ],
  );
  return [...nodes, ...through];
}

function renamed(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string): string => names.get(name) ?? name;
  const moved = { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
  return withBodies(moved, (body) => renamedBody(body, names));
}

/** A body whose captures are renamed; what it defines itself hides the names outside. */
function renamedBody(body: Graph, names: ReadonlyMap<string, string>): Graph {
  const captured = capturedBy(body);
  const visible = new Map([...names].filter(([name]) => captured.has(name)));
  return {
    ...body,
    nodes: body.nodes.map((node) => renamed(node, visible)),
    outputs: body.outputs.map((output) => ({ ...output, name: visible.get(output.name) ?? output.name })),
  };
}

function withBodies(node: Node, change: (body: Graph) => Graph): Node {
  if (subgraphs(node).length === 0) return node;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes)
    attributes.set(name, attribute.kind === "graph" ? { kind: "graph", value: change(attribute.value) } : attribute);
  return { ...node, attributes };
}
