/** Which stored constants of a model are weights, by what the graph does with them. */
import { usedBy } from "../onnx/index.ts";
import type { Graph, Node } from "../onnx/index.ts";

/** Operators, and their inputs that are weights whenever they are stored. */
const operands: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  Einsum: [0, 1, 2],
  Gather: [0],
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  GroupNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  RMSNormalization: [1],
  PRelu: [1],
  LSTM: [1, 2, 3, 5, 6, 7],
  GRU: [1, 2, 3, 5],
  RNN: [1, 2, 3, 5],
};

/** Operators that only hand a tensor on in another shape: what they are used for is what their input is used for. */
const carriers = new Set(["Transpose", "Reshape", "Identity", "Squeeze", "Unsqueeze", "Expand", "Slice", "Split", "Flatten"]);

/** How a weight is used first: by which operator, at which input. */
export interface WeightUse {
  readonly node: Node;
  readonly place: number;
}

/**
 * Weights that `output` is computed from, with their first use, in the order of the graph. A stored float32 tensor is one when it is a kernel, a
 * matrix, an embedding, a bias, a scale or a shift; also in a plain sum or product of more than one number, but only behind other weights: the means
 * and deviations that a graph normalises its input with are no weights.
 */
export function weightsOf(graph: Graph, output: string): ReadonlyMap<string, WeightUse> {
  const found = new Map<string, WeightUse>();
  const learnt = new Set<string>();
  const origin = new Map<string, string>();
  for (const [name, tensor] of graph.initializers)
    if (tensor.type === "float32" && tensor.external === undefined) origin.set(name, name);
  for (const node of nodesBefore(graph, output)) {
    const stored = node.inputs.map((name) => origin.get(name));
    if (carriers.has(node.op) && stored[0] !== undefined) {
      for (const name of node.outputs) origin.set(name, stored[0]);
      continue;
    }
    const strong = operands[node.op];
    const behind = [...usedBy(node)].some((name) => learnt.has(name));
    for (const [place, name] of stored.entries()) {
      if (name === undefined || found.has(name)) continue;
      const isMore = graph.initializers.get(name)!.dims.reduce((a, b) => a * b, 1) > 1;
      if (strong === undefined ? behind && isMore && plain.has(node.op) : strong.includes(place))
        found.set(name, { node, place });
    }
    const moves = behind || stored.some((name) => name !== undefined && found.has(name));
    if (moves) for (const name of node.outputs) learnt.add(name);
  }
  return found;
}

const plain = new Set(["Add", "Sub", "Mul", "Div", "Concat", "Where", "Pow", "Sum"]);

/** Nodes that a value is computed from, in order. */
export function nodesBefore(graph: Graph, output: string): readonly Node[] {
  const wanted = new Set([output]);
  const before: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    before.push(node);
    for (const name of usedBy(node)) wanted.add(name);
  }
  return before.toReversed();
}
