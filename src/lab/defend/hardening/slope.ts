/** The gradient of the loss by the input, as values of the loss graph itself: what a penalty on it is made of. Training then differentiates it once more. */
import { gradient } from "../../../model/autodiff/index.ts";
import { GraphBuilder, renameUses } from "../../../model/onnx/index.ts";
import type { TermSite } from "../../../model/train/index.ts";

/**
 * The derivative of the summed losses by the model's input, at another value of that input; of its shape.
 * Nodes that compute what the loss graph computes already are written again; ONNX Runtime makes equal ones one.
 */
export function slopeAt({ b, losses, inputs }: TermSite, at: string): string {
  const [input] = inputs as readonly [string];
  const known = b.build();
  const apart = new GraphBuilder({ from: known, opsets: b.opsets });
  const total = apart.op("ReduceSum", [losses], { keepdims: 0 });
  apart.clearOutputs().output(total, "float32", []);
  const made = gradient(apart.model(), { loss: "sum", output: total, wrt: [input] });
  const names = new Map([[input, at]]);
  for (const [name, tensor] of made.model.graph.initializers)
    if (!known.initializers.has(name)) names.set(name, b.constant(tensor, "slope/const"));
  const renamed = (name: string): string => names.get(name) ?? name;
  for (const node of made.model.graph.nodes) {
    const uses = renameUses(node, renamed);
    const outputs = node.outputs.map((name) => (name === "" ? "" : b.fresh(`slope/${name}`)));
    for (const [i, name] of node.outputs.entries()) if (name !== "") names.set(name, outputs[i]!);
    b.add({ ...uses, name: "", outputs });
  }
  return renamed(made.gradients.get(input)!);
}

/** Each row of a batch as one line of numbers. */
export const lines = (b: GraphBuilder, x: string, batch: number): string => b.op("Reshape", [x, b.ints([batch, -1])]);
