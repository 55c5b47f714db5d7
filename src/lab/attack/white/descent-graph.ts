/**
 * Several steps of a descent as one graph: points as tanh of free numbers, Adam on ‖x − origin‖² + c · max(0, κ − loss), and of each row the
 * nearest point whose loss was above 0. Carlini and Wagner 2017 (arXiv:1608.04644), sections V.B and VI.A; Kingma and Ba 2015, algorithm 1.
 */
import { tensorType } from "../../../model/onnx/index.ts";
import type { GraphBuilder, Model } from "../../../model/onnx/index.ts";
import type { LossKind } from "../target.ts";
import { aroundLoss, ask, keptByRow, numbersIn, typedDims } from "./around-loss.ts";
import type { Shape } from "./around-loss.ts";
import { loopBody } from "./loop-body.ts";
import type { Typed } from "./loop-body.ts";
import type { LossGraph } from "./loss-graph.ts";

/** Adam's constants. */
export const adam = { beta1: 0.9, beta2: 0.999, tiny: 1e-8 } as const;

/** The names by which a descent is run. */
export const descentNames = {
  w: "descent/w",
  first: "descent/first",
  second: "descent/second",
  origin: "descent/origin",
  constant: "descent/constant",
  /** The same for every row. */
  shared: {
    middle: "descent/middle",
    half: "descent/half",
    low: "descent/low",
    high: "descent/high",
    confidence: "descent/confidence",
    rates: "descent/rates",
    steps: "descent/steps",
  },
} as const;

/** Outputs, each with a row for each example first. */
export const descentOutputs = {
  w: "descent/w_found",
  first: "descent/first_found",
  second: "descent/second_found",
  best: "descent/best_found",
  losses: "descent/losses",
  far: "descent/far",
  scores: "descent/scores",
} as const;

/** The graph, and the names of the classes that it is told. */
export interface DescentGraph {
  readonly model: Model;
  readonly labels: string | undefined;
  readonly targets: string | undefined;
}

/** Writes a descent. @throws autodiff/not-differentiable · autodiff/no-path */
export function descentGraph(kind: LossKind, shape: Shape): DescentGraph {
  const { b, loss, names } = aroundLoss("descent", kind, shape);
  const started = declareInputs(b, shape.rowDims);
  const carried = started.map(([, type]) => [b.fresh("descent/now"), type] as const);
  const body = loopBody({
    model: loss.model,
    names,
    carried,
    constants: "inside",
    write: (inner, model, round) => writeRound(inner, { shape, loss, carried: carried.map(([name]) => name), round }, model),
  });
  const { losses, far, scores, ...found } = descentOutputs;
  const outputs = [...Object.values(found), "descent/best_far"];
  const kept = ["descent/kept_losses", "descent/kept_far", "descent/kept_scores"] as const;
  const inputs = [descentNames.shared.steps, undefined, ...started.map(([name]) => name)];
  b.call({ op: "Loop", inputs, attributes: { body }, outputs: [...outputs, ...kept] });
  for (const [i, name] of Object.values(found).entries()) b.output(name, "float32", typedDims(started[i]!));
  keptByRow(b, kept[0], { name: losses });
  keptByRow(b, kept[1], { name: far });
  keptByRow(b, kept[2], { name: scores, width: shape.classes });
  return { model: { ...b.model(loss.model), functions: [] }, labels: loss.labels, targets: loss.targets };
}

/** Declares what is told; gives what is carried at the start: w, Adam's moments, the nearest point so far and how near it is. */
function declareInputs(b: GraphBuilder, rowDims: readonly number[]): readonly Typed[] {
  const row = tensorType("float32", ["N", ...rowDims]);
  const one = tensorType("float32", ["N"]);
  const { w, first, second, origin, constant, shared } = descentNames;
  for (const name of [w, first, second, origin]) b.input(name, "float32", row.dims);
  b.input(constant, "float32", one.dims);
  for (const name of [shared.middle, shared.half, shared.low, shared.high]) b.input(name, "float32", [1, ...rowDims]);
  b.input(shared.confidence, "float32", []);
  b.input(shared.rates, "float32", [null]);
  b.input(shared.steps, "int64", []);
  const nowhere = b.op("Add", [b.op("Mul", [constant, b.scalar("float32", 0)]), b.scalar("float32", farthest)]);
  return [
    [w, row],
    [first, row],
    [second, row],
    [origin, row],
    [nowhere, one],
  ];
}

const farthest = 3e38;

interface Round {
  readonly shape: Shape;
  readonly loss: LossGraph;
  readonly carried: readonly string[];
  readonly round: string;
}

/** One step: the point of w, its loss, the nearest point so far, Adam. */
function writeRound(b: GraphBuilder, { shape, loss, carried, round }: Round, model: () => void): readonly Typed[] {
  const [w, first, second, best, bestFar] = carried as readonly [string, string, string, string, string];
  const { origin, constant, shared } = descentNames;
  const row = tensorType("float32", ["N", ...shape.rowDims]);
  const one = tensorType("float32", ["N"]);
  const zero = b.scalar("float32", 0);
  const column = b.ints([-1, ...shape.rowDims.map(() => 1)]);
  const t = b.op("Tanh", [w]);
  const x = b.op("Add", [b.op("Mul", [t, shared.half]), shared.middle]);
  ask(b, "Min", { inputs: [b.op("Max", [x, shared.low]), shared.high], points: loss.input });
  model();
  const change = b.op("Sub", [loss.input, origin]);
  const far = b.op("ReduceSumSquare", [change, b.ints(shape.rowDims.map((_, i) => i + 1))], { keepdims: 0 });
  const nearer = b.op("And", [
    b.op("And", [b.op("Greater", [loss.loss, zero]), numbersIn(b, loss.scores)]),
    b.op("Less", [far, bestFar]),
  ]);
  const active = b.op("Where", [b.op("Less", [loss.loss, shared.confidence]), constant, zero]);
  // A slope that is no number must not move anything.
  const slope = b.op("Where", [b.op("IsNaN", [loss.gradient]), zero, loss.gradient]);
  const pull = b.op("Mul", [b.op("Reshape", [active, column]), slope]);
  const down = b.op("Sub", [b.op("Add", [change, change]), pull]);
  const inner = b.op("Sub", [shared.half, b.op("Mul", [b.op("Mul", [t, t]), shared.half])]);
  const moved = adamStep(b, {
    w,
    first,
    second,
    gradient: b.op("Mul", [down, inner]),
    rate: b.op("Gather", [shared.rates, round]),
  });
  const scores = tensorType("float32", ["N", shape.classes]);
  return [
    [moved.w, row],
    [moved.first, row],
    [moved.second, row],
    [b.op("Where", [b.op("Reshape", [nearer, column]), loss.input, best]), row],
    [b.op("Where", [nearer, far, bestFar]), one],
    [b.op("Identity", [loss.loss]), one],
    [b.op("Identity", [far]), one],
    [b.op("Identity", [loss.scores]), scores],
  ];
}

interface Moving {
  readonly w: string;
  readonly first: string;
  readonly second: string;
}

/** m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; w ← w − η m / (√v + ε). */
function adamStep(
  b: GraphBuilder,
  { w, gradient, rate, ...moments }: Moving & { readonly gradient: string; readonly rate: string },
): Moving {
  const mean = (old: string, now: string, beta: number): string =>
    b.op("Add", [b.op("Mul", [old, b.scalar("float32", beta)]), b.op("Mul", [now, b.scalar("float32", 1 - beta)])]);
  const first = mean(moments.first, gradient, adam.beta1);
  const second = mean(moments.second, b.op("Mul", [gradient, gradient]), adam.beta2);
  const size = b.op("Add", [b.op("Sqrt", [second]), b.scalar("float32", adam.tiny)]);
  return { w: b.op("Sub", [w, b.op("Div", [b.op("Mul", [first, rate]), size])]), first, second };
}
