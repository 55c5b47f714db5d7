/** The bundled digit model with something grafted onto it: in front, behind, or after each activation. */
import { GraphBuilder, indexOf, readModel } from "../../../src/model/onnx/index.ts";
import type { Model } from "../../../src/model/onnx/index.ts";
import { digitsModel } from "../digits.ts";

/** From a value to the one that stands in its place. */
export type Part = (b: GraphBuilder, value: string) => string;

export const digitNet = (): Model => readModel(digitsModel());

const emptied = ({ graph, opsets }: Model): GraphBuilder =>
  new GraphBuilder({ from: { ...graph, nodes: [] }, opsets, names: new Set(indexOf(graph).names) });

/** The model with something in front of it. */
export function before(part: Part, model = digitNet()): Model {
  const { graph } = model;
  const [input] = graph.inputs;
  const b = emptied(model);
  const cooked = part(b, input!.name);
  for (const node of graph.nodes) b.add({ ...node, inputs: node.inputs.map((name) => (name === input!.name ? cooked : name)) });
  return b.model(model);
}

/** The model with something behind its logits; `width` scores come out. */
export function behind(part: Part, model = digitNet(), width = 10): Model {
  const b = GraphBuilder.from(model);
  const value = part(b, model.graph.outputs[0]!.name);
  b.clearOutputs().output(value, "float32", ["N", width]);
  return b.model(model);
}

/** The model with each Relu's output changed. */
export function afterRelus(part: Part, model = digitNet()): Model {
  const b = emptied(model);
  for (const node of model.graph.nodes) {
    if (node.op !== "Relu") {
      b.add(node);
      continue;
    }
    const raw = b.fresh("relu_raw");
    b.add({ ...node, outputs: [raw] });
    const changed = part(b, raw);
    b.add({ op: "Identity", domain: "", name: "", inputs: [changed], outputs: [node.outputs[0]!], attributes: new Map() });
  }
  return b.model(model);
}

export const scalar = (b: GraphBuilder, value: number): string => b.scalar("float32", value);
export const times = (b: GraphBuilder, x: string, factor: number): string => b.op("Mul", [x, scalar(b, factor)]);

/** Rounded, or cut off, to so many levels in each unit. */
export const quantise =
  (levels: number, op: "Round" | "Floor" = "Round"): Part =>
  (b, x) =>
    b.op("Div", [b.op(op, [times(b, x, levels)]), scalar(b, levels)]);

/** A mean over 3 × 3 pixels. */
export const blur: Part = (b, x) => b.op("AveragePool", [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 });
