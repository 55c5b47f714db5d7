/** Where training stands: counts, history, the best weights so far; and how all of it becomes a checkpoint. */
import type { Tensor } from "../onnx/index.ts";
import { nextTrend } from "./divergence.ts";
import type { Trend } from "./divergence.ts";
import type { Course } from "./loop.ts";
import type { Checkpoint, EpochRecord, Stopped, TrainResult } from "./types.ts";

type Tensors = Readonly<Record<string, Tensor>>;

/** The figures of an epoch, and in which of them more, or less, is better. */
export interface Validated {
  readonly figures: Readonly<Record<string, number>>;
  readonly better: { readonly figure: string; readonly more: boolean };
}

/** Where training stands. */
export interface Tally {
  epoch: number;
  step: number;
  stepOfEpoch: number;
  lossSum: number;
  lr: number;
  sinceBest: number;
  trend: Trend | undefined;
  bestScore: number | undefined;
  best: Tensors | undefined;
  history: readonly EpochRecord[];
  readonly time: { dataMs: number; stepMs: number };
  readonly startedMs: number;
}

/** Nothing learnt yet. */
export const createTally = (): Tally => ({
  epoch: 0,
  step: 0,
  stepOfEpoch: 0,
  lossSum: 0,
  lr: 0,
  sinceBest: 0,
  trend: undefined,
  bestScore: undefined,
  best: undefined,
  history: [],
  time: { dataMs: 0, stepMs: 0 },
  startedMs: performance.now(),
});

/** Adds the time that work takes. */
export async function timed<T>({ time }: Tally, what: "dataMs" | "stepMs", work: Promise<T>): Promise<T> {
  const from = performance.now();
  try {
    return await work;
  } finally {
    time[what] += performance.now() - from;
  }
}

/** Counts a step. */
export function tookStep(tally: Tally, loss: number, lr: number): void {
  tally.lossSum += loss;
  tally.trend = nextTrend(tally.trend, loss, tally.step);
  tally.lr = lr;
  tally.step++;
  tally.stepOfEpoch++;
}

/** Closes an epoch; its weights are kept when they are the best so far. Without validation the last are. */
export async function closeEpoch(tally: Tally, { learner }: Course, validated: Validated | undefined): Promise<EpochRecord> {
  const score = validated === undefined ? undefined : scoreOf(validated);
  const isBest = score === undefined || tally.bestScore === undefined || score > tally.bestScore;
  tally.sinceBest = isBest ? 0 : tally.sinceBest + 1;
  if (isBest) {
    tally.bestScore = score;
    tally.best = await learner.weights();
  }
  const record: EpochRecord = {
    epoch: tally.epoch,
    step: tally.step,
    loss: tally.lossSum / tally.stepOfEpoch,
    lr: tally.lr,
    ...(validated === undefined ? {} : { validation: validated.figures }),
    best: isBest,
  };
  tally.history = [...tally.history, record];
  tally.epoch++;
  tally.stepOfEpoch = 0;
  tally.lossSum = 0;
  return record;
}

/** More is better; of equal accuracies the one with the smaller loss, which never outweighs one example. */
function scoreOf({ figures, better }: Validated): number {
  const value = figures[better.figure] ?? Number.NaN;
  const score = better.more ? value - 1e-9 * Math.min(1e3, figures["loss"] ?? 0) : -value;
  return Number.isNaN(score) ? -Infinity : score;
}

const bestName = (name: string): string => `best(${name})`;

/** All that is needed to go on. */
export async function checkpointOf(tally: Tally, { place, fingerprint }: Course): Promise<Checkpoint> {
  const state = await place.read();
  for (const [name, tensor] of Object.entries(tally.best ?? {})) state[bestName(name)] = tensor;
  const { epoch, step, stepOfEpoch, lossSum, history, bestScore, sinceBest, trend } = tally;
  return { fingerprint, epoch, step, stepOfEpoch, lossSum, history, bestScore, sinceBest, trend, state };
}

/** Stands where the checkpoint stood; gives the state to go on with. */
export function resumeFrom(tally: Tally, { learner }: Course, { state, ...counts }: Checkpoint): Tensors {
  const { epoch, step, stepOfEpoch, lossSum, history, bestScore, sinceBest, trend } = counts;
  Object.assign(tally, { epoch, step, stepOfEpoch, lossSum, history, bestScore, sinceBest, trend });
  const isBest = new Map(learner.kept.map((name) => [bestName(name), name]));
  const kept = Object.entries(state).flatMap(([name, tensor]) =>
    isBest.has(name) ? [[isBest.get(name)!, tensor] as const] : [],
  );
  tally.best = kept.length === 0 ? undefined : Object.fromEntries(kept);
  return Object.fromEntries(Object.entries(state).filter(([name]) => !isBest.has(name)));
}

/** The best weights; of an epoch that was cut short, when there is nothing better, the last. Weights that a diverging step has spoilt are no result. */
export async function resultOf(tally: Tally, { learner, options, settings }: Course, stopped: Stopped): Promise<TrainResult> {
  const initial = learner.initial();
  const untouched = Object.fromEntries(learner.kept.map((name) => [name, initial[name]!]));
  const weights = tally.best ?? (stopped === "diverged" ? untouched : await learner.weights());
  const { graph } = options.model;
  return {
    model: {
      ...options.model,
      graph: { ...graph, initializers: new Map([...graph.initializers, ...Object.entries(weights)]) },
    },
    weights,
    history: tally.history,
    bestEpoch: tally.history.findLast((record) => record.best)?.epoch,
    stopped,
    steps: tally.step,
    settings,
    time: { ...tally.time, totalMs: performance.now() - tally.startedMs },
  };
}
