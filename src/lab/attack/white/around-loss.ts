/** What graphs that run several steps of an attack have in common: a model as the body of a loop, and around it what the body is told. */
import { GraphBuilder, indexOf } from "../../../model/onnx/index.ts";
import type { Dim, Model } from "../../../model/onnx/index.ts";
import type { LossKind } from "../target.ts";
import { withoutNodes } from "./loop-body.ts";
import type { Typed } from "./loop-body.ts";
import { lossGraph } from "./loss-graph.ts";
import type { LossGraph, LossSite } from "./loss-graph.ts";

/** A model from its input to its logits, what its losses are, and the dimensions of an example. */
export type Shape = LossSite & { readonly rowDims: readonly number[] };

/** A graph that is told what a model is told beside the points, which its body takes by name; and names that are taken. */
export interface Around {
  readonly names: Set<string>;
  readonly b: GraphBuilder;
}

/** Begins a graph around a model. */
export function around(name: string, { graph, opsets }: Model, points: string): Around {
  const names = new Set(indexOf(graph).names);
  const inputs = graph.inputs.filter((input) => input.name !== points && !graph.initializers.has(input.name));
  const from = { ...withoutNodes(graph), inputs, initializers: new Map() };
  return { names, b: new GraphBuilder({ name, opsets, names, from }) };
}

/** Begins a graph around a loss and its gradient. @throws autodiff/not-differentiable · autodiff/no-path */
export function aroundLoss(name: string, kind: LossKind, shape: Shape): Around & { readonly loss: LossGraph } {
  const loss = lossGraph(kind, shape);
  return { loss, ...around(name, loss.model, loss.input) };
}

/** ONNX's number for the type. */
export const float32 = 1;

/** The dimensions of a tensor that is carried. */
export const typedDims = ([, type]: Typed): readonly Dim[] | undefined => (type.kind === "tensor" ? type.dims : undefined);

/** An output of what a loop keeps of its rounds, `width` numbers of each row: rounds come first there, who asks wants rows first. */
export function keptByRow(
  b: GraphBuilder,
  kept: string,
  { name, width }: { readonly name: string; readonly width?: number },
): void {
  const [perm, dims] =
    width === undefined
      ? [
          [1, 0],
          ["N", null],
        ]
      : [
          [1, 0, 2],
          ["N", null, width],
        ];
  b.call({ op: "Transpose", inputs: [kept], attributes: { perm }, outputs: [name] });
  b.output(name, "float32", dims);
}

/** Computes the points that a model is asked about, under the name by which it reads them. */
export function ask(
  b: GraphBuilder,
  op: "Identity" | "Min",
  { inputs, points }: { readonly inputs: readonly string[]; readonly points: string },
): void {
  b.add({ op, domain: "", name: "", inputs, outputs: [points], attributes: new Map() });
}

/** For each row whether all of its logits are numbers. */
export function numbersIn(b: GraphBuilder, scores: string): string {
  const absent = b.op("ReduceMax", [b.op("Cast", [b.op("IsNaN", [scores])], { to: float32 }), b.ints([1])], { keepdims: 0 });
  return b.op("Equal", [absent, b.scalar("float32", 0)]);
}
