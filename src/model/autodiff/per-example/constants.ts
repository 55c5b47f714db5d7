/** Float tensors of a file that nobody learns: what training leaves alone unless it is asked. */
import { usedBy } from "../../onnx/index.ts";
import type { Graph, Tensor } from "../../onnx/index.ts";

/** Inputs that steer an operator: bounds, factors, exponents, statistics. */
const steering: Readonly<Record<string, { readonly inputs: readonly number[]; readonly as: string }>> = {
  BatchNormalization: { inputs: [3, 4], as: "running statistics, which training keeps by averaging" },
  Clip: { inputs: [1, 2], as: "bounds" },
  Pad: { inputs: [2], as: "a filling" },
  Pow: { inputs: [1], as: "an exponent" },
  Resize: { inputs: [1, 2], as: "scales" },
  OneHot: { inputs: [2], as: "an encoding" },
  QuantizeLinear: { inputs: [1], as: "a quantisation scale" },
  DequantizeLinear: { inputs: [1], as: "a quantisation scale" },
};

/** Why a stored tensor is taken for a constant; undefined when it may be learned. */
export function constantReason(graph: Graph, name: string, tensor: Tensor): string | undefined {
  if (tensor.dims.length === 0) return "a single number; name it if it is learned";
  const reasons = new Set<string | undefined>();
  for (const node of graph.nodes) {
    if (!usedBy(node).has(name)) continue;
    const at = node.inputs.indexOf(name);
    const rule = node.domain === "" ? steering[node.op] : undefined;
    reasons.add(rule?.inputs.includes(at) ? rule.as : undefined);
  }
  const [only] = reasons;
  return reasons.size === 1 ? only : undefined;
}
