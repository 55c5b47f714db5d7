/** The models of a training over one state: a step, an update, a forward pass, each for every batch size that occurs. */
import type { Dataset } from "../data/index.ts";
import { classWeights, isIndexed, rowsByClass } from "../data/index.ts";
import { tensorOf, toFloat, toNumbers, weightsToInputs } from "../onnx/index.ts";
import type { Model, Tensor } from "../onnx/index.ts";
import type { Resident, ResidentModel } from "../runtime/index.ts";
import { trainingForm } from "./batch-norm.ts";
import type { InputBinding } from "./binding.ts";
import { compileForward, compileStep, engineOf } from "./compile.ts";
import type { LossPlan } from "./loss-graph.ts";
import { optimizers } from "./optimizers/index.ts";
import { fitsAny } from "./patterns.ts";
import { sized } from "./prepared.ts";
import type { PreparedModel } from "./prepared.ts";
import { badData } from "./refuse.ts";
import type { Settings } from "./settings.ts";
import { gradientInput, writeUpdateStep } from "./step-graph.ts";
import type { StepPlan } from "./step-graph.ts";
import type { Gradients, StepContext, TrainBatch, TrainHooks } from "./types.ts";
import { averageName, groupsOf, slotName } from "./update-graph.ts";

/** What a learner is made of. */
export interface LearnerParts {
  readonly place: Resident;
  readonly prepared: PreparedModel;
  readonly bindings: readonly InputBinding[];
  readonly settings: Settings;
  readonly classWeights: readonly number[] | undefined;
  readonly hooks: TrainHooks;
}

/** Scores and losses of some examples. */
export interface Forward {
  readonly scores: Tensor;
  readonly losses: Float32Array;
}

/** Learns from batches. */
export interface Learner {
  /** Weights and statistics: what the trained model stores. */
  readonly kept: readonly string[];
  /** Everything at the beginning. */
  initial(): Record<string, Tensor>;
  /** Takes a step; gives the loss before it. */
  step(batch: TrainBatch, rates: { readonly step: number; readonly lr: number }, context: StepContext): Promise<number>;
  forward(batch: TrainBatch): Promise<Forward>;
  /** Weights and statistics as they would be kept now: averages where there are any. */
  weights(): Promise<Record<string, Tensor>>;
  open(model: Model): Promise<ResidentModel>;
}

/** A learner over a place whose state is {@link Learner.initial}'s, or a checkpoint's. */
export function createLearner(parts: LearnerParts): Learner {
  const { place, prepared, settings, hooks } = parts;
  const weights = [...prepared.weights.keys()];
  const isFrozen = (name: string): boolean => fitsAny(name, settings.freeze);
  const { statistics } = trainingForm(prepared.model.graph, (name) => prepared.weights.has(name), isFrozen);
  const kept = [...weights, ...statistics.keys()];
  const optimizer = optimizers.get(settings.optimizer);
  const engine = engineOf(place);
  const plan = (batch: number, blocks?: number): StepPlan => ({
    model: sized(prepared.model, parts.bindings, batch),
    loss: lossPlan(parts, weights),
    isFrozen,
    optimizer,
    settings,
    clipNorm: settings.clipNorm,
    clipValue: settings.clipValue,
    ema: settings.ema,
    differentiate: hooks.differentiate,
    blocks,
  });
  const stepOf = once(async (batch) => compileStep(engine, plan(batch, await engine.blocks()), hooks.update !== undefined));
  const updateOf = once(async () => {
    const { model, updates } = writeUpdateStep(plan(settings.batch));
    return engine.load(model, { updates });
  });
  const forwardOf = once((batch) => compileForward(engine, plan(batch), kept));
  const scalarsOf = (rates: { readonly step: number; readonly lr: number }): Record<string, Tensor> => {
    const values: Record<string, number> = { ...optimizer.scalars({ step: rates.step + 1, lr: rates.lr, settings }) };
    // The average follows closely at first, when the weights move most: TensorFlow's ExponentialMovingAverage with num_updates.
    if (settings.ema !== undefined) values["average"] = 1 - Math.min(settings.ema, (1 + rates.step) / (10 + rates.step));
    return Object.fromEntries(Object.entries(values).map(([name, value]) => [`step/${name}`, tensorOf("float32", [], [value])]));
  };

  return {
    kept,
    initial: () => initialState(parts, kept, weights),
    async step(batch, rates, context) {
      const compiled = await stepOf(batch.size);
      const feeds: Record<string, Tensor> = {
        ...batch.inputs,
        ...batch.extra,
        ...hooks.feeds?.(context),
        [compiled.labels]: batch.labels,
      };
      if (compiled.exampleWeights !== undefined) feeds[compiled.exampleWeights] = await weigh(hooks, batch, context);
      const scalars = scalarsOf(rates);
      if (hooks.update === undefined) {
        const outputs = await compiled.model.run({ ...feeds, ...scalars });
        return toNumbers(outputs[compiled.loss]!)[0]!;
      }
      const outputs = await compiled.model.run(feeds);
      const gradients: Gradients = Object.fromEntries(
        [...compiled.gradients].map(([weight, output]) => [weight, toFloat(outputs[output]!)]),
      );
      const changed = await hooks.update(gradients, context);
      await (await updateOf(0)).run({ ...gradientFeeds(prepared, changed), ...scalars });
      return toNumbers(outputs[compiled.loss]!)[0]!;
    },
    async forward(batch) {
      const compiled = await forwardOf(batch.size);
      const outputs = await compiled.model.run({ ...batch.inputs, [compiled.labels]: batch.labels });
      return { scores: outputs[compiled.scores]!, losses: toFloat(outputs[compiled.losses]!) };
    },
    async weights() {
      const names = kept.map((name) => (settings.ema !== undefined && weights.includes(name) ? averageName(name) : name));
      const read = await place.read(names);
      return Object.fromEntries(kept.map((name, i) => [name, read[names[i]!]!]));
    },
    async open(model) {
      const state = kept.filter((name) => model.graph.initializers.has(name));
      return engine.load({ ...model, graph: weightsToInputs(model.graph, state) });
    },
  };
}

const lossPlan = ({ prepared, settings, classWeights: byClass, hooks }: LearnerParts, weights: readonly string[]): LossPlan => ({
  loss: settings.loss,
  output: prepared.output,
  smoothing: settings.labelSmoothing,
  classWeights: byClass,
  weighed: hooks.weigh !== undefined,
  weights,
  ...(hooks.term === undefined ? {} : { term: hooks.term.bind(hooks) }),
});

/** One value for each key, made when first asked for. */
function once<T>(make: (key: number) => Promise<T>): (key: number) => Promise<T> {
  const made = new Map<number, Promise<T>>();
  return (key) => {
    let value = made.get(key);
    if (value === undefined) made.set(key, (value = make(key)));
    return value;
  };
}

async function weigh(hooks: TrainHooks, batch: TrainBatch, context: StepContext): Promise<Tensor> {
  const given = await hooks.weigh!(batch, context);
  if (given.length !== batch.size)
    throw badData(
      `${given.length} weights are given for ${batch.size} examples`,
      "a hook that weighs gives one number for each example",
    );
  return tensorOf("float32", [batch.size], given);
}

function gradientFeeds(prepared: PreparedModel, gradients: Gradients): Record<string, Tensor> {
  return Object.fromEntries(
    [...prepared.weights.keys()].map((name) => [
      gradientInput(name),
      tensorOf("float32", prepared.model.graph.initializers.get(name)!.dims, gradients[name]!),
    ]),
  );
}

function initialState({ prepared, settings }: LearnerParts, kept: readonly string[], weights: readonly string[]) {
  const { initializers } = prepared.model.graph;
  const state: Record<string, Tensor> = {};
  for (const name of kept) state[name] = initializers.get(name)!;
  for (const { name, size, weights: own } of groupsOf(prepared.model.graph, weights)) {
    const zeros = tensorOf("float32", own.length === 1 ? own[0]!.dims : [size], new Float32Array(size));
    for (const slot of optimizers.get(settings.optimizer).slots(settings)) state[slotName(slot, name)] = zeros;
  }
  if (settings.ema !== undefined) for (const weight of weights) state[averageName(weight)] = initializers.get(weight)!;
  return state;
}

/**
 * For each class, how much its examples count: as much as all others together say.
 * @throws train/bad-data for data that cannot be counted
 */
export function balancing(data: Dataset, classes: number): readonly number[] {
  if (!isIndexed(data)) throw badData("classes of a stream cannot be balanced", "load the data into memory first");
  const weights = classWeights(rowsByClass(data));
  const field = data.fields.find(({ name }) => name === data.target);
  return Array.from({ length: classes }, (_, i) => weights.get(field?.classes?.[i] ?? String(i)) ?? 0);
}
