/**
 * Several steps of ascent within a box as one graph: move, ask, look whether the answer is wrong, again. Plain steps are projected gradient
 * descent (Madry et al. 2018, arXiv:1706.06083, eq. 2) for linf, whose ball is a box; with momentum they are those of Auto-PGD between two of
 * its checkpoints (Croce and Hein 2020, arXiv:2003.01690, eq. 4 and 5). A row stays where it was answered wrongly.
 */
import { tensorType } from "../../../model/onnx/index.ts";
import type { GraphBuilder, Model } from "../../../model/onnx/index.ts";
import type { LossKind } from "../target.ts";
import { aroundLoss, ask, float32, keptByRow, numbersIn, typedDims } from "./around-loss.ts";
import type { Shape } from "./around-loss.ts";
import { loopBody, signOf } from "./loop-body.ts";
import type { Typed } from "./loop-body.ts";
import type { LossGraph } from "./loss-graph.ts";

/** The names by which a climb is run. Those of `momentum` are there only with it. */
export const climbNames = {
  x: "climb/x",
  slope: "climb/slope",
  low: "climb/low",
  high: "climb/high",
  /** Length of a step, one for each row, as broad as a row's dimensions are many. */
  size: "climb/size",
  steps: "climb/steps",
  momentum: {
    alpha: "climb/alpha",
    old: "climb/old",
    best: "climb/best",
    bestSlope: "climb/best_slope",
    bestLoss: "climb/best_loss",
  },
} as const;

/** Outputs, each with a row for each example first. */
export const climbOutputs = {
  x: "climb/x_found",
  slope: "climb/slope_found",
  losses: "climb/losses",
  scores: "climb/scores",
  momentum: {
    old: "climb/old_found",
    best: "climb/best_found",
    bestSlope: "climb/best_slope_found",
    bestLoss: "climb/best_loss_found",
  },
} as const;

/** The graph, and the names of the classes that it is told. */
export interface ClimbGraph {
  readonly model: Model;
  readonly labels: string;
  readonly targets: string | undefined;
}

/** Writes a climb. @throws autodiff/not-differentiable · autodiff/no-path */
export function climbGraph(kind: LossKind, shape: Shape, { momentum }: { readonly momentum: boolean }): ClimbGraph {
  const { b, loss, names } = aroundLoss("climb", kind, shape);
  const { labels = "climb/labels", targets } = loss;
  if (loss.labels === undefined) b.input(labels, "int64", ["N"]);
  const carried = declareInputs(b, shape, momentum);
  const round: Round = { shape, loss, labels, carried: carried.map(() => b.fresh("climb/now")), momentum };
  const body = loopBody({
    model: loss.model,
    names,
    carried: carried.map(([, type], i) => [round.carried[i]!, type]),
    constants: "inside",
    write: (inner, model) => writeRound(inner, round, model),
  });
  const { x, slope, losses, scores, momentum: more } = climbOutputs;
  const found = [x, slope, "climb/won", ...(momentum ? Object.values(more) : [])];
  const kept = ["climb/kept_losses", "climb/kept_scores"] as const;
  const starts = carried.map(([name]) => name);
  b.call({ op: "Loop", inputs: [climbNames.steps, undefined, ...starts], attributes: { body }, outputs: [...found, ...kept] });
  for (const [i, name] of found.entries()) if (i !== 2) b.output(name, "float32", typedDims(carried[i]!));
  keptByRow(b, kept[0], { name: losses });
  keptByRow(b, kept[1], { name: scores, width: shape.classes });
  return { model: { ...b.model(loss.model), functions: [] }, labels, targets };
}

/** Declares what is told, and gives what is carried at the start: the point, its slope, who has won, and what momentum remembers. */
function declareInputs(b: GraphBuilder, { rowDims }: Shape, momentum: boolean): readonly Typed[] {
  const row = tensorType("float32", ["N", ...rowDims]);
  const each = tensorType("float32", ["N", ...rowDims.map(() => 1)]);
  const one = tensorType("float32", ["N"]);
  const { x, slope, low, high, size, steps, momentum: more } = climbNames;
  for (const name of [x, slope, low, high]) b.input(name, "float32", row.dims);
  b.input(size, "float32", each.dims);
  b.input(steps, "int64", []);
  const nobody = b.op("Mul", [size, b.scalar("float32", 0)]);
  const plain: readonly Typed[] = [
    [x, row],
    [slope, row],
    [nobody, each],
  ];
  if (!momentum) return plain;
  b.input(more.alpha, "float32", []);
  for (const name of [more.old, more.best, more.bestSlope]) b.input(name, "float32", row.dims);
  b.input(more.bestLoss, "float32", one.dims);
  return [...plain, [more.old, row], [more.best, row], [more.bestSlope, row], [more.bestLoss, one]];
}

interface Round {
  readonly shape: Shape;
  readonly loss: LossGraph;
  readonly labels: string;
  /** Names of what is carried, as {@link declareInputs} orders it. */
  readonly carried: readonly string[];
  readonly momentum: boolean;
}

/** One round. */
function writeRound(b: GraphBuilder, { shape, loss, labels, carried, momentum }: Round, model: () => void): readonly Typed[] {
  const [x, slope, won, old, best, bestSlope, bestLoss] = carried as readonly [string, string, string, ...string[]];
  const row = tensorType("float32", ["N", ...shape.rowDims]);
  const each = tensorType("float32", ["N", ...shape.rowDims.map(() => 1)]);
  const one = tensorType("float32", ["N"]);
  const column = b.ints([-1, ...shape.rowDims.map(() => 1)]);
  const next = momentum ? withMomentum(b, { x, slope, won, old: old! }) : projected(b, { x, slope, won });
  ask(b, "Identity", { inputs: [next], points: loss.input });
  model();
  const wrong = b.op("Cast", [wronglyAnswered(b, loss.scores, labels)], { to: float32 });
  const carriedOn: Typed[] = [
    [b.op("Identity", [loss.input]), row],
    [b.op("Identity", [loss.gradient]), row],
    [b.op("Max", [won, b.op("Reshape", [wrong, column])]), each],
  ];
  if (momentum) {
    const higher = b.op("Greater", [loss.loss, bestLoss!]);
    const rows = b.op("Reshape", [higher, column]);
    carriedOn.push(
      [b.op("Identity", [x]), row],
      [b.op("Where", [rows, loss.input, best!]), row],
      [b.op("Where", [rows, loss.gradient, bestSlope!]), row],
      [b.op("Where", [higher, loss.loss, bestLoss!]), one],
    );
  }
  const scores = tensorType("float32", ["N", shape.classes]);
  return [...carriedOn, [b.op("Identity", [loss.loss]), one], [b.op("Identity", [loss.scores]), scores]];
}

interface Here {
  readonly x: string;
  readonly slope: string;
  readonly won: string;
}

const boxed = (b: GraphBuilder, x: string): string => b.op("Min", [b.op("Max", [x, climbNames.low]), climbNames.high]);

/** P(x + η sign g); a row that has won has a step of length 0. */
function projected(b: GraphBuilder, { x, slope, won }: Here): string {
  const size = b.op("Mul", [climbNames.size, b.op("Sub", [b.scalar("float32", 1), won])]);
  return boxed(b, b.op("Add", [x, b.op("Mul", [signOf(b, slope), size])]));
}

/** z = P(x + η sign g); P(x + α (z − x) + (1 − α)(x − x₋₁)). */
function withMomentum(b: GraphBuilder, { x, slope, won, old }: Here & { readonly old: string }): string {
  const { size, momentum } = climbNames;
  const z = boxed(b, b.op("Add", [x, b.op("Mul", [signOf(b, slope), size])]));
  const ahead = b.op("Mul", [b.op("Sub", [z, x]), momentum.alpha]);
  const kept = b.op("Mul", [b.op("Sub", [x, old]), b.op("Sub", [b.scalar("float32", 1), momentum.alpha])]);
  const next = boxed(b, b.op("Add", [b.op("Add", [x, ahead]), kept]));
  return b.op("Where", [b.op("Greater", [won, b.scalar("float32", 0)]), x, next]);
}

/** Whether the largest logit, the first of equal ones, is not the label's; an answer that holds no number is no success. */
function wronglyAnswered(b: GraphBuilder, scores: string, labels: string): string {
  const other = b.op("Not", [b.op("Equal", [b.op("ArgMax", [scores], { axis: 1, keepdims: 0 }), labels])]);
  return b.op("And", [other, numbersIn(b, scores)]);
}
