/** Constant folding. The computing is done by a runtime behind a port, so that folded values are exactly what it would have computed. */
import { GraphBuilder } from "../builder.ts";
import { subgraphs } from "../graph.ts";
import type { Graph, Model, Node } from "../graph.ts";
import { asTensor, staticCount } from "../infer/abstract.ts";
import { inferModel } from "../infer/engine.ts";
import { byteLength } from "../tensor.ts";
import type { Tensor } from "../tensor.ts";
import { removeDeadCode } from "./dead-code.ts";

/** Runs a model without inputs and gives its outputs by name. `model/runtime` fills this port. */
export type Evaluate = (model: Model) => Promise<ReadonlyMap<string, Tensor>>;

/**
 * The same model with everything that depends on no input computed once.
 * @param options.maxBytes larger results stay computed at run time; default 64 MiB each
 */
export async function foldConstants(
  model: Model,
  evaluate: Evaluate,
  options: { readonly maxBytes?: number } = {},
): Promise<Model> {
  const { values } = inferModel(model);
  const most = options.maxBytes ?? 2 ** 26;
  const fits = (name: string): boolean => {
    const type = asTensor(values.get(name));
    const count = staticCount(type?.dims);
    return (
      type !== undefined && type.elementType !== "string" && count !== undefined && byteLength(type.elementType, count) <= most
    );
  };
  const isConstant = (node: Node): boolean =>
    subgraphs(node).length === 0 &&
    node.outputs.every((name) => name === "" || (values.get(name)?.constant === true && fits(name)));
  const folded = new Set<Node>();
  const known = new Set<string>([...model.graph.initializers.keys()].filter((name) => !isInput(model.graph, name)));
  for (const node of model.graph.nodes) {
    if (!isConstant(node) || !node.inputs.every((name) => name === "" || known.has(name))) continue;
    folded.add(node);
    for (const name of node.outputs) known.add(name);
  }
  const wanted = frontier(model.graph, folded);
  if (wanted.length === 0) return model;
  const results = await evaluate(constantModel(model, folded, wanted));
  const initializers = new Map(model.graph.initializers);
  for (const name of wanted) {
    const tensor = results.get(name);
    if (tensor !== undefined) initializers.set(name, tensor);
  }
  const done = (node: Node): boolean =>
    folded.has(node) && node.outputs.every((name) => !wanted.includes(name) || results.has(name));
  const nodes = model.graph.nodes.filter((node) => !done(node));
  return { ...model, graph: removeDeadCode({ ...model.graph, nodes, initializers }) };
}

const isInput = (graph: Graph, name: string): boolean => graph.inputs.some((input) => input.name === name);

/** Values that folded nodes make and others use. */
function frontier(graph: Graph, folded: ReadonlySet<Node>): string[] {
  const made = new Set([...folded].flatMap((node) => node.outputs));
  made.delete("");
  const rest: Graph = { ...graph, nodes: graph.nodes.filter((node) => !folded.has(node)) };
  const used = new Set(removeDeadCode(rest).nodes.flatMap((node) => node.inputs));
  for (const node of rest.nodes)
    for (const { graph: inner } of subgraphs(node))
      for (const inside of inner.nodes) for (const name of inside.inputs) used.add(name);
  for (const { name } of graph.outputs) used.add(name);
  return [...made].filter((name) => used.has(name));
}

function constantModel(model: Model, folded: ReadonlySet<Node>, wanted: readonly string[]): Model {
  const b = new GraphBuilder({ name: "constants", opsets: model.opsets });
  const used = new Set([...folded].flatMap((node) => node.inputs));
  for (const [name, tensor] of model.graph.initializers) if (used.has(name)) b.initializer(name, tensor);
  for (const node of folded) b.add(node);
  for (const name of wanted) b.output(name);
  return { ...b.model(), irVersion: model.irVersion, functions: model.functions };
}
