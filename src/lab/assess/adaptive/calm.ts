/**
 * A random model without its noise: each source of chance gives what it gives in the mean. An attacker who holds the graph cuts the noise out,
 * climbs as if there were none, and asks the model itself what is left of it (Athalye et al. 2018, arXiv:1802.00420, section 5.3).
 */
import { floatAttr, GraphBuilder, indexOf, inlineFunctions, intAttr, intsAttr } from "../../../model/onnx/index.ts";
import type { Model, Node } from "../../../model/onnx/index.ts";

type Mean = (b: GraphBuilder, node: Node) => string;

const like = (b: GraphBuilder, node: Node, mean: number): string =>
  b.op("Expand", [b.scalar("float32", mean), b.op("Shape", [node.inputs[0]])]);

const shaped = (b: GraphBuilder, node: Node, mean: number): string =>
  b.op("Expand", [b.scalar("float32", mean), b.ints(intsAttr(node, "shape", []))]);

const middle = (node: Node): number => (floatAttr(node, "low", 0) + floatAttr(node, "high", 1)) / 2;

const means: Readonly<Record<string, Mean>> = {
  RandomNormalLike: (b, node) => like(b, node, floatAttr(node, "mean", 0)),
  RandomUniformLike: (b, node) => like(b, node, middle(node)),
  RandomNormal: (b, node) => shaped(b, node, floatAttr(node, "mean", 0)),
  RandomUniform: (b, node) => shaped(b, node, middle(node)),
  Bernoulli: (b, node) => b.op("Identity", [node.inputs[0]]),
  Dropout: (b, node) => b.op("Identity", [node.inputs[0]]),
};

const float32 = 1;

/** Whether the mean may stand for a node: of float32, and nobody reads a mask beside it. */
const replaceable = (node: Node): boolean =>
  (node.domain === "" || node.domain === "ai.onnx") &&
  intAttr(node, "dtype", float32) === float32 &&
  node.outputs.slice(1).every((name) => name === "");

/** The model without chance, undefined when there is none that could be taken away. */
export function withoutNoise(given: Model): Model | undefined {
  const model = inlineFunctions(given);
  const { graph } = model;
  const b = new GraphBuilder({
    from: { ...graph, nodes: [], valueInfo: new Map() },
    opsets: model.opsets,
    names: new Set(indexOf(graph).names),
  });
  let calmed = 0;
  for (const node of graph.nodes) {
    const mean = replaceable(node) ? means[node.op] : undefined;
    if (mean === undefined) {
      b.add(node);
      continue;
    }
    calmed++;
    const value = mean(b, node);
    b.add({ op: "Identity", domain: "", name: "", inputs: [value], outputs: [node.outputs[0]!], attributes: new Map() });
  }
  return calmed === 0 ? undefined : b.model(model);
}
