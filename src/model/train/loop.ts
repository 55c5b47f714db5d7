/** Training: epochs of steps, looked at between, until there is no more to learn. */
import { createSeeded } from "../../base/math/index.ts";
import type { Batch, Dataset } from "../data/index.ts";
import type { Tensor } from "../onnx/index.ts";
import type { Resident } from "../runtime/index.ts";
import { bindInputs, inputsOf } from "./binding.ts";
import { isLost } from "./divergence.ts";
import { fingerprintOf, isOf } from "./fingerprint.ts";
import { checkClasses, defaultLoss, labelsOf, targetOf } from "./labels.ts";
import type { LabelNeed } from "./labels.ts";
import { balancing, createLearner } from "./learner.ts";
import type { Learner } from "./learner.ts";
import { losses } from "./losses/index.ts";
import { measureFor } from "./metrics/index.ts";
import { epochBatches } from "./order.ts";
import { prepareModel, scoreDims, sized } from "./prepared.ts";
import type { PreparedModel } from "./prepared.ts";
import { badData } from "./refuse.ts";
import { learningRate } from "./schedule.ts";
import { seenOf } from "./seen.ts";
import { settle } from "./settings.ts";
import type { Settings } from "./settings.ts";
import { checkpointOf, closeEpoch, createTally, resultOf, resumeFrom, timed, tookStep } from "./tally.ts";
import type { Tally } from "./tally.ts";
import type { StepContext, Stopped, TrainBatch, TrainEvent, TrainOptions, TrainResult } from "./types.ts";

/** How a place for state is opened, here. */
export type OpenPlace = (options: { readonly threads: number }) => Promise<Resident>;

/** Everything that stays the same over a training. */
export interface Course {
  readonly options: TrainOptions;
  readonly settings: Settings;
  readonly prepared: PreparedModel;
  readonly learner: Learner;
  readonly place: Resident;
  readonly need: LabelNeed;
  readonly batchOf: (batch: Batch) => TrainBatch;
  readonly fingerprint: string;
  readonly stepsAnEpoch: number;
  readonly steps: number;
}

/** Trains on a place of its own; see `train` at the room's face. */
export async function* trainWith(open: OpenPlace, options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> {
  const plan = planOf(options);
  const place = await open({ threads: plan.settings.threads });
  try {
    return yield* learn({ ...plan, place, learner: createLearner({ ...plan, place, hooks: options.hooks ?? {} }) });
  } finally {
    await place.close();
  }
}

function planOf(options: TrainOptions) {
  const { data, validation } = options;
  const prepared = prepareModel(options.model, options.freeze ?? [], options.output);
  // Labels first: without a target its column would be one input too many, and the message about that would lead astray.
  const field = targetOf(data);
  const bindings = bindInputs(prepared.model, data, options.inputs);
  const dims = scoreDims(sized(prepared.model, bindings, options.batch ?? 64), prepared.output);
  const settings = settle(options, defaultLoss(field, dims));
  const size = sizeOf(data, "to learn from");
  if (validation !== undefined) {
    sizeOf(validation, "to validate with");
    checkClasses(data, validation);
  }
  const { labels: kind } = losses.get(settings.loss);
  const need: LabelNeed = { kind, field, dims, isShare: settings.loss === "binary" || settings.loss === "kl" };
  const stepsAnEpoch = Math.ceil(size / settings.batch);
  return {
    options,
    settings,
    prepared,
    bindings,
    need,
    classWeights: settings.balance ? balancing(data, Number(dims[1])) : undefined,
    batchOf: (batch: Batch): TrainBatch => ({
      size: batch.size,
      inputs: inputsOf(bindings, batch),
      labels: labelsOf(need, batch),
      rows: batch.rows,
    }),
    fingerprint: fingerprintOf(prepared, settings, data),
    stepsAnEpoch,
    steps: Math.min(settings.maxSteps ?? Infinity, stepsAnEpoch * settings.epochs),
  };
}

function sizeOf(data: Dataset, what: string): number {
  if (data.size === undefined) throw badData(`nobody has counted ${data.name}`, "load the stream, or give its size");
  if (data.size === 0) throw badData(`there are no examples ${what}`, "give it a larger share, or bring more data");
  return data.size;
}

async function* learn(course: Course): AsyncGenerator<TrainEvent, TrainResult> {
  const { options, settings, learner, place, prepared, steps } = course;
  const tally = createTally();
  if (options.resume !== undefined) isOf(options.resume, course.fingerprint);
  await place.write(options.resume === undefined ? learner.initial() : resumeFrom(tally, course, options.resume));
  yield {
    kind: "start",
    weights: [...prepared.weights.keys()],
    parameters: [...prepared.weights.keys()].reduce(
      (sum, name) => sum + sizeOfTensor(prepared.model.graph.initializers.get(name)!),
      0,
    ),
    frozen: prepared.frozen,
    steps,
    step: tally.step,
  };
  let stopped: Stopped | undefined = tally.step >= steps ? "epochs" : undefined;
  while (stopped === undefined) {
    stopped = yield* runEpoch(course, tally);
    if (stopped === "aborted" || stopped === "diverged") break;
    const record = await closeEpoch(tally, course, await validate(course));
    yield { kind: "epoch", record };
    yield { kind: "checkpoint", checkpoint: await checkpointOf(tally, course) };
    if (settings.patience !== undefined && tally.sinceBest >= settings.patience) stopped ??= "patience";
    if (tally.epoch >= settings.epochs) stopped ??= "epochs";
  }
  return resultOf(tally, course, stopped);
}

const sizeOfTensor = ({ dims }: Tensor): number => dims.reduce((a, b) => a * b, 1);

/** The rest of the current epoch. While a step runs in its worker, the next batch is gathered here. */
async function* runEpoch(course: Course, tally: Tally): AsyncGenerator<TrainEvent, Stopped | undefined> {
  const { options, settings, steps } = course;
  const { schedule, lr: peak, warmup, batch, seed } = settings;
  const batches = epochBatches(options.data, { batch, seed, epoch: tally.epoch, from: tally.stepOfEpoch });
  const gather = (): Promise<IteratorResult<Batch>> => timed(tally, "dataMs", batches.next());
  let coming = gather();
  try {
    for (;;) {
      const { value, done } = await coming;
      if (done === true) return undefined;
      if (options.signal?.aborted === true) return "aborted";
      const lr = learningRate({ schedule, lr: peak, steps, warmup }, tally.step);
      const running = timed(
        tally,
        "stepMs",
        takeStep(course, course.batchOf(value), { step: tally.step, lr, epoch: tally.epoch }),
      );
      coming = gather();
      coming.catch(() => {});
      const loss = await running;
      if (!Number.isFinite(loss)) return "diverged";
      tookStep(tally, loss, lr);
      yield { kind: "step", step: tally.step, epoch: tally.epoch, loss, lr };
      if (isLost(tally.trend!)) return "diverged";
      if (tally.step >= steps && steps < course.stepsAnEpoch * settings.epochs) return "steps";
      if (options.checkpointWhen?.(tally.step) === true)
        yield { kind: "checkpoint", checkpoint: await checkpointOf(tally, course) };
    }
  } finally {
    await batches.return(undefined);
  }
}

async function takeStep(
  { options, learner, place, settings }: Course,
  batch: TrainBatch,
  { step, lr, epoch }: { readonly step: number; readonly lr: number; readonly epoch: number },
): Promise<number> {
  const context: StepContext = { step, epoch, rng: createSeeded(settings.seed, 1, step), place, open: learner.open };
  const changed = (await options.hooks?.perturb?.(batch, context)) ?? batch;
  return learner.step(changed, { step, lr }, context);
}

async function validate({ options, settings, learner, need, batchOf }: Course) {
  if (options.validation === undefined) return undefined;
  const { meter, better } = measureFor(settings.loss, need.dims, need.field);
  for await (const batch of options.validation.batches({ size: settings.batch })) {
    const seen = batchOf(batch);
    const { scores, losses: own } = await learner.forward(seen);
    meter.see(seenOf(scores, own, seen.labels));
  }
  return { figures: meter.read(), better };
}
