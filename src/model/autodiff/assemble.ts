/** Putting the gradient model together. */
import { tensorType, usedBy } from "../onnx/index.ts";
import type { Graph, Model, Node, ValueInfo } from "../onnx/index.ts";
import type { LabelInput } from "./loss.ts";
import type { Trace } from "./trace.ts";
import type { Value } from "./value.ts";

/** A finished model and the names of its outputs. */
export interface Assembled {
  readonly model: Model;
  readonly gradients: ReadonlyMap<string, string>;
  readonly lossOutput: string;
}

/** What the finished model shall give. */
export interface Results {
  readonly loss: Value;
  readonly gradients: ReadonlyMap<string, Value>;
  /** Outputs of the original to be given as well. */
  readonly keep: readonly string[];
  readonly labels: LabelInput | undefined;
}

/** The finished model: named outputs, and only the nodes and constants that they need. */
export function assemble(trace: Trace, { loss, gradients, keep, labels }: Results): Assembled {
  const { builder } = trace.scope;
  const nodes = [...trace.nodes];
  const named = (value: Value, name: string): ValueInfo => {
    const output = builder.fresh(name);
    nodes.push({ op: "Identity", domain: "", name: "", inputs: [value.name], outputs: [output], attributes: new Map() });
    return { name: output, type: tensorType(value.type, value.dims) };
  };
  const lossOutput = named({ ...loss, dims: [] }, "loss");
  const gradientOutputs = [...gradients].map(
    ([name, value]) => [name, named({ ...value, dims: trace.value(name).dims }, `grad(${name})`)] as const,
  );
  const kept = keep.map((name) => trace.graph.outputs.find((output) => output.name === name) ?? keptValue(trace, name));
  const outputs = [lossOutput, ...gradientOutputs.map(([, info]) => info), ...kept];
  const live = liveNodes(
    nodes,
    outputs.map(({ name }) => name),
  );
  const used = new Set([...live.flatMap((node) => [...usedBy(node)]), ...outputs.map(({ name }) => name)]);
  const built = builder.build();
  const inputs = built.inputs.filter(({ name }) => !built.initializers.has(name) || used.has(name));
  const graph: Graph = {
    ...built,
    inputs: labels === undefined ? inputs : [...inputs, { name: labels.name, type: tensorType(labels.type, labels.dims) }],
    outputs,
    nodes: live,
    initializers: new Map([...built.initializers].filter(([name]) => used.has(name))),
    valueInfo: new Map([...built.valueInfo].filter(([name]) => used.has(name))),
  };
  return {
    model: { ...trace.model, graph },
    lossOutput: lossOutput.name,
    gradients: new Map(gradientOutputs.map(([name, info]) => [name, info.name])),
  };
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
