/** Putting the gradient model together. */
import { tensorType, usedBy } from "../onnx/index.ts";
import type { Graph, Model, Node, ValueInfo } from "../onnx/index.ts";
import type { Trace } from "./trace.ts";
import type { Dims, Value } from "./value.ts";

/** A finished model. */
export interface Assembled {
  readonly model: Model;
  /** The names that the outputs got, in the order in which they were asked for. */
  readonly names: readonly string[];
}

/** What the finished model shall take and give. */
export interface Results {
  /** Values under the names they shall have, or the nearest free ones. */
  readonly outputs: readonly { readonly name: string; readonly value: Value; readonly dims: Dims }[];
  /** Outputs of the original to be given as well. */
  readonly keep: readonly string[];
  /** Inputs that were added. */
  readonly inputs: readonly Value[];
}

/** The finished model: named outputs, and only the nodes and constants that they need. */
export function assemble(trace: Trace, { outputs: wanted, keep, inputs: added }: Results): Assembled {
  const { builder } = trace.scope;
  const nodes = [...trace.nodes];
  const given = wanted.map(({ name, value, dims }): ValueInfo => {
    const output = builder.fresh(name);
    nodes.push({ op: "Identity", domain: "", name: "", inputs: [value.name], outputs: [output], attributes: new Map() });
    return { name: output, type: tensorType(value.type, dims) };
  });
  const kept = keep.map((name) => trace.graph.outputs.find((output) => output.name === name) ?? keptValue(trace, name));
  const outputs = [...given, ...kept];
  const live = liveNodes(
    nodes,
    outputs.map(({ name }) => name),
  );
  const used = new Set([...live.flatMap((node) => [...usedBy(node)]), ...outputs.map(({ name }) => name)]);
  const built = builder.build();
  const inputs = built.inputs.filter(({ name }) => !built.initializers.has(name) || used.has(name));
  const graph: Graph = {
    ...built,
    inputs: [...inputs, ...added.map(({ name, type, dims }) => ({ name, type: tensorType(type, dims) }))],
    outputs,
    nodes: live,
    initializers: new Map([...built.initializers].filter(([name]) => used.has(name))),
    valueInfo: new Map([...built.valueInfo].filter(([name]) => used.has(name))),
  };
  return { model: { ...trace.model, graph }, names: given.map(({ name }) => name) };
}

function keptValue(trace: Trace, name: string): ValueInfo {
  const { type, dims } = trace.value(name);
  return { name, type: tensorType(type, dims) };
}

function liveNodes(nodes: readonly Node[], outputs: readonly string[]): readonly Node[] {
  const wanted = new Set(outputs);
  const live: Node[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    live.push(node);
    for (const name of usedBy(node)) wanted.add(name);
  }
  return live.toReversed();
}
