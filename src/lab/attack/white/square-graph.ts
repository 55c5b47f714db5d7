/**
 * Several rounds of random search over square patches as one graph: a patch onto the best point so far, a look at the model, the better of both.
 * Andriushchenko et al. 2020 (arXiv:1912.00049), algorithms 1 and 2; where patches lie and which way they go is told. A row stays where it won.
 */
import { tensorOf, tensorType } from "../../../model/onnx/index.ts";
import type { GraphBuilder, Model } from "../../../model/onnx/index.ts";
import type { Image } from "../square/proposal.ts";
import type { LossKind } from "../target.ts";
import { around, ask, keptByRow, numbersIn, typedDims } from "./around-loss.ts";
import type { Shape } from "./around-loss.ts";
import { loopBody } from "./loop-body.ts";
import type { Typed } from "./loop-body.ts";
import { lossNodes } from "./loss-graph.ts";

/** The names by which a search is run. A round is an index of the second dimension of what has one. */
export const squareNames = {
  x: "square/x",
  lead: "square/lead",
  low: "square/low",
  high: "square/high",
  top: "square/top",
  left: "square/left",
  /** By how much each channel changes. */
  change: "square/change",
  /** The same for every row. */
  shared: { tall: "square/tall", wide: "square/wide", rounds: "square/rounds" },
} as const;

/** Outputs, each with a row for each example first. */
export const squareOutputs = { x: "square/x_found", lead: "square/lead_found", scores: "square/scores" } as const;

/** The graph, and the names of the classes that it is told. */
export interface SquareGraph {
  readonly model: Model;
  readonly labels: string | undefined;
  readonly targets: string | undefined;
}

/** What is searched: a model and the picture that an example is. */
export type SquareShape = Shape & { readonly image: Image };

/** Writes a search that raises a loss, which must be above 0 where the goal is reached. */
export function squareGraph(kind: LossKind, shape: SquareShape): SquareGraph {
  const { channels } = shape.image;
  const { loss, labels, targets, ...told } = lossNodes(kind, shape);
  const { b, names } = around("square", told.model, shape.input);
  const row = tensorType("float32", ["N", ...shape.rowDims]);
  const one = tensorType("float32", ["N"]);
  const { x, lead, low, high, top, left, change, shared } = squareNames;
  for (const name of [x, low, high]) b.input(name, "float32", row.dims);
  b.input(lead, "float32", one.dims);
  for (const name of [top, left]) b.input(name, "int64", ["N", null]);
  b.input(change, "float32", ["N", null, channels]);
  for (const name of [shared.tall, shared.wide]) b.input(name, "int64", [null]);
  b.input(shared.rounds, "int64", []);
  const started: readonly Typed[] = [
    [x, row],
    [lead, one],
  ];
  const carried = started.map(([, type]) => [b.fresh("square/now"), type] as const);
  const body = loopBody({
    model: told.model,
    names,
    carried,
    constants: "inside",
    write: (inner, model, round) => writeRound(inner, { shape, loss, carried: carried.map(([name]) => name), round }, model),
  });
  const found = [squareOutputs.x, squareOutputs.lead];
  const kept = "square/kept_scores";
  b.call({ op: "Loop", inputs: [shared.rounds, undefined, x, lead], attributes: { body }, outputs: [...found, kept] });
  for (const [i, name] of found.entries()) b.output(name, "float32", typedDims(started[i]!));
  keptByRow(b, kept, { name: squareOutputs.scores, width: shape.classes });
  return { model: { ...b.model(told.model), functions: [] }, labels, targets };
}

interface Round {
  readonly shape: SquareShape;
  readonly loss: string;
  readonly carried: readonly string[];
  readonly round: string;
}

function writeRound(b: GraphBuilder, { shape, loss, carried, round }: Round, model: () => void): readonly Typed[] {
  const [best, lead] = carried as readonly [string, string];
  const { low, high } = squareNames;
  const row = tensorType("float32", ["N", ...shape.rowDims]);
  const zero = b.scalar("float32", 0);
  const moved = b.op("Add", [best, b.op("Reshape", [patch(b, shape.image, round), b.ints([-1, ...shape.rowDims])])]);
  ask(b, "Min", { inputs: [b.op("Max", [moved, low]), high], points: shape.input });
  model();
  const searching = b.op("LessOrEqual", [lead, zero]);
  const higher = b.op("And", [b.op("Greater", [loss, lead]), numbersIn(b, shape.logits)]);
  const better = b.op("And", [searching, higher]);
  const rows = b.op("Reshape", [better, b.ints([-1, ...shape.rowDims.map(() => 1)])]);
  return [
    [b.op("Where", [rows, shape.input, best]), row],
    [b.op("Where", [better, loss, lead]), tensorType("float32", ["N"])],
    [b.op("Identity", [shape.logits]), tensorType("float32", ["N", shape.classes])],
  ];
}

/** This round's change of each row as a picture: within its window what each channel is told, elsewhere 0. */
function patch(b: GraphBuilder, { channels, height, width }: Image, round: string): string {
  const { top, left, change, shared } = squareNames;
  const of = (name: string, dims: readonly number[]): string =>
    b.op("Reshape", [b.op("Gather", [name, round], { axis: 1 }), b.ints(dims)]);
  const within = (first: string, size: string, length: number, dims: readonly number[]): string => {
    const every = b.constant(
      tensorOf(
        "int64",
        dims,
        Array.from({ length }, (_, i) => i),
      ),
    );
    const start = of(first, [-1, 1, 1, 1]);
    const end = b.op("Add", [start, b.op("Gather", [size, round])]);
    return b.op("And", [b.op("GreaterOrEqual", [every, start]), b.op("Less", [every, end])]);
  };
  const inside = b.op("And", [
    within(top, shared.tall, height, [1, 1, height, 1]),
    within(left, shared.wide, width, [1, 1, 1, width]),
  ]);
  return b.op("Where", [inside, of(change, [-1, channels, 1, 1]), b.scalar("float32", 0)]);
}
