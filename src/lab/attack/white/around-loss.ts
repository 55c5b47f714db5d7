/** What graphs that run several steps of an attack have in common: a loss graph as the body of a loop, and around it what the body is told. */
import { GraphBuilder, indexOf } from "../../../model/onnx/index.ts";
import type { Dim, Model } from "../../../model/onnx/index.ts";
import type { LossKind } from "../target.ts";
import { withoutNodes } from "./loop-body.ts";
import type { Typed } from "./loop-body.ts";
import { lossGraph } from "./loss-graph.ts";
import type { LossGraph } from "./loss-graph.ts";

/** A model from its input to its logits. */
export interface Shape {
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  readonly classes: number;
  readonly refusal?: number | undefined;
  readonly rowDims: readonly number[];
  /** As {@link lossGraph} takes them. */
  readonly losses?: Partial<Readonly<Record<LossKind, string>>>;
}

/** The loss, names that are taken, and a graph that is told what the loss is told beside the points: its body takes that by name. */
export interface AroundLoss {
  readonly loss: LossGraph;
  readonly names: Set<string>;
  readonly b: GraphBuilder;
}

/** Begins a graph around a loss. @throws autodiff/not-differentiable · autodiff/no-path */
export function aroundLoss(name: string, kind: LossKind, shape: Shape): AroundLoss {
  const loss = lossGraph(kind, shape);
  const { graph, opsets } = loss.model;
  const names = new Set(indexOf(graph).names);
  const inputs = graph.inputs.filter((input) => input.name !== loss.input && !graph.initializers.has(input.name));
  const from = { ...withoutNodes(graph), inputs, initializers: new Map() };
  return { loss, names, b: new GraphBuilder({ name, opsets, names, from }) };
}

/** ONNX's number for the type. */
export const float32 = 1;

/** The dimensions of a tensor that is carried. */
export const typedDims = ([, type]: Typed): readonly Dim[] | undefined => (type.kind === "tensor" ? type.dims : undefined);

/** For each row whether all of its logits are numbers. */
export function numbersIn(b: GraphBuilder, scores: string): string {
  const absent = b.op("ReduceMax", [b.op("Cast", [b.op("IsNaN", [scores])], { to: float32 }), b.ints([1])], { keepdims: 0 });
  return b.op("Equal", [absent, b.scalar("float32", 0)]);
}
