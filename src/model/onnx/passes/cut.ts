/** Cutting a graph: other outputs, other inputs, the last layer off, backbone and head apart. */
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type { Graph, Model, ValueInfo, ValueType } from "../graph.ts";
import { indexOf } from "../lookup.ts";
import { near } from "../near.ts";
import { inferTypes } from "../shapes.ts";
import { removeDeadCode } from "./dead-code.ts";

function typed(model: Model, names: readonly string[]): ValueInfo[] {
  const types = inferTypes(model);
  return names.map((name) => info(model.graph, types, name));
}

function info(graph: Graph, types: ReadonlyMap<string, ValueType>, name: string): ValueInfo {
  const declared = [...graph.inputs, ...graph.outputs].find((known) => known.name === name);
  if (declared !== undefined) return declared;
  const type = types.get(name);
  const exists = type !== undefined || indexOf(graph).producer(name) !== undefined || graph.initializers.has(name);
  if (!exists) {
    const meant = near(name, indexOf(graph).names);
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `the graph has no value ${quote(name)}`,
      hint: meant === undefined ? "`modelkeep inspect` lists the values" : `did you mean ${meant}?`,
    });
  }
  return type === undefined ? { name } : { name, type };
}

/**
 * The same model with inner values as additional outputs.
 * @throws onnx/bad-rewrite when there is no such value
 */
export function expose(model: Model, names: readonly string[]): Model {
  const present = new Set(model.graph.outputs.map(({ name }) => name));
  const added = typed(
    model,
    names.filter((name) => !present.has(name)),
  );
  return { ...model, graph: { ...model.graph, outputs: [...model.graph.outputs, ...added] } };
}

/**
 * The part of a model between given values: it takes `inputs` (the model's own by default) and gives `outputs`.
 * @throws onnx/bad-rewrite when there is no such value, or the outputs need an input that is cut off
 */
export function extract(model: Model, cut: { readonly inputs?: readonly string[]; readonly outputs: readonly string[] }): Model {
  const { graph } = model;
  const outputs = typed(model, cut.outputs);
  if (cut.inputs === undefined) return { ...model, graph: removeDeadCode({ ...graph, outputs }) };
  const inputs = typed(model, cut.inputs);
  const given = new Set(cut.inputs);
  // What is given need not be made; a node that makes other values as well stays, and its given ones get names nobody reads.
  const nodes = graph.nodes
    .map((node) =>
      node.outputs.some((name) => given.has(name))
        ? { ...node, outputs: node.outputs.map((name) => (given.has(name) ? "" : name)) }
        : node,
    )
    .filter((node) => node.outputs.some((name) => name !== ""));
  const initializers = new Map([...graph.initializers].filter(([name]) => !given.has(name)));
  const kept = removeDeadCode({ ...graph, inputs, outputs, nodes, initializers });
  const missing = graph.inputs.find(
    ({ name }) => !given.has(name) && !initializers.has(name) && indexOf(kept).consumers(name).length > 0,
  );
  if (missing !== undefined) {
    throw new ModelkeepError("onnx/bad-rewrite", {
      message: `the part still needs input ${quote(missing.name)}`,
      hint: "name that input among the part's inputs, or cut where everything passes through",
    });
  }
  return { ...model, graph: kept };
}

/**
 * The model without the Softmax (or other final operator) behind an output: logits instead of probabilities. The output changes its name
 * to that of the value before. The same model when the output has no such operator.
 * @param options.output the first output by default
 * @param options.ops operators to take off; Softmax by default
 */
export function withoutFinal(model: Model, options: { readonly output?: string; readonly ops?: readonly string[] } = {}): Model {
  const { graph } = model;
  const output = options.output ?? graph.outputs[0]?.name ?? "";
  const ops = new Set(options.ops ?? ["Softmax"]);
  let value = output;
  for (let node = indexOf(graph).producer(value); node !== undefined; node = indexOf(graph).producer(value)) {
    if (!ops.has(node.op) && node.op !== "Identity") break;
    value = node.inputs[0] ?? "";
    if (ops.has(node.op)) break;
  }
  const last = indexOf(graph)
    .consumers(value)
    .some((node) => ops.has(node.op));
  if (value === output || !last) return model;
  const [logits] = typed(model, [value]);
  const outputs = graph.outputs.map((info) => (info.name === output ? logits! : info));
  return { ...model, graph: removeDeadCode({ ...graph, outputs }) };
}

/**
 * A model in two: everything up to a value, and what follows it.
 * @throws onnx/bad-rewrite when something passes the value by
 */
export function splitAt(model: Model, value: string): { readonly backbone: Model; readonly head: Model } {
  const outputs = model.graph.outputs.map(({ name }) => name);
  return { backbone: extract(model, { outputs: [value] }), head: extract(model, { inputs: [value], outputs }) };
}
