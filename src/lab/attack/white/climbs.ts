/** Climbs of one model: a session for each loss. */
import { tensorOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { AskOptions, ClimbAnswer, ClimbFeed, ClimbState, LossKind, WhiteBox } from "../target.ts";
import { climbGraph, climbNames, climbOutputs } from "./climb-graph.ts";
import type { ClimbGraph } from "./climb-graph.ts";
import { runRows } from "./rows-session.ts";
import type { RowInput, RowLimits } from "./rows-session.ts";
import { createSessions } from "./sessions.ts";
import type { OpenGraph } from "./sessions.ts";
import { truthRows } from "./truth.ts";
import type { Judgement } from "./truth.ts";

/** The climbs, and an end for their sessions. */
export interface Climbs {
  readonly climb: NonNullable<WhiteBox["climb"]>;
  close(): Promise<void>;
}

/** Climbs over the graph from an input to logits. */
export function createClimbs(
  shape: {
    readonly model: Model;
    readonly input: string;
    readonly logits: string;
    readonly classes: number;
    readonly losses?: Partial<Readonly<Record<LossKind, string>>>;
  },
  {
    rowDims,
    limits,
    open,
    judgement,
  }: {
    readonly rowDims: readonly number[];
    readonly limits: RowLimits;
    readonly judgement?: Judgement | undefined;
    readonly open: OpenGraph;
  },
): Climbs {
  const sessions = createSessions<ClimbGraph>(open);
  return {
    async climb(kind, from, feed, options: AskOptions = {}): Promise<ClimbAnswer> {
      const momentum = from.memory !== undefined;
      const { graph, session } = sessions.of(`${kind} ${momentum}`, () => climbGraph(kind, { ...shape, rowDims }, { momentum }));
      const memory = from.memory === undefined ? [] : Object.values(climbOutputs.momentum);
      const names = [climbOutputs.x, climbOutputs.slope, climbOutputs.losses, climbOutputs.scores, ...memory];
      const inputs = [
        ...inputsOf(graph, rowDims, from, feed),
        ...truthRows(judgement, { count: feed.size.length, examples: feed.examples }),
      ];
      const [x, slope, losses, scores, ...rest] = (await runRows(await session(), inputs, names, {
        ...limits,
        ...options,
        constants: () => ({ ...limits.constants?.(), ...constantsOf(feed) }),
        count: feed.size.length,
      })) as [Float32Array, Float32Array, Float32Array, Float32Array, ...Float32Array[]];
      const [old, best, bestSlope, bestLoss] = rest as [Float32Array, Float32Array, Float32Array, Float32Array];
      return { x, slope, losses, scores, ...(from.memory === undefined ? {} : { memory: { old, best, bestSlope, bestLoss } }) };
    },
    close: () => sessions.close(),
  };
}

const constantsOf = ({ steps, alpha }: ClimbFeed) => ({
  [climbNames.steps]: tensorOf("int64", [], [steps]),
  ...(alpha === undefined ? {} : { [climbNames.momentum.alpha]: tensorOf("float32", [], [alpha]) }),
});

function inputsOf(graph: ClimbGraph, rowDims: readonly number[], from: ClimbState, feed: ClimbFeed): readonly RowInput[] {
  const { x, slope, low, high, size, momentum } = climbNames;
  const row = (name: string, data: Float32Array): RowInput => ({ name, data, dims: rowDims });
  const { memory } = from;
  return [
    row(x, from.x),
    row(slope, from.slope),
    row(low, feed.low),
    row(high, feed.high),
    { name: size, data: feed.size, dims: rowDims.map(() => 1) },
    { name: graph.labels, data: feed.labels, dims: [] },
    ...(graph.targets === undefined ? [] : [{ name: graph.targets, data: feed.targets!, dims: [] }]),
    ...(memory === undefined
      ? []
      : [
          row(momentum.old, memory.old),
          row(momentum.best, memory.best),
          row(momentum.bestSlope, memory.bestSlope),
          { name: momentum.bestLoss, data: memory.bestLoss, dims: [] },
        ]),
  ];
}
