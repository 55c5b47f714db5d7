/**
 * Trains any ONNX graph: ONNX in, ONNX out, in Node and in a browser.
 *
 * @example
 * const data = await openData("mnist");
 * const training = train({ model: readModel(bytes), data, epochs: 5 });
 * for (;;) {
 *   const { value, done } = await training.next();
 *   if (done) break await writeFile("trained.onnx", writeModel(value.model));
 *   if (value.kind === "epoch") console.log(value.record.loss);
 * }
 */
import { openResident } from "../runtime/index.ts";
import type { WebSessionOptions } from "../runtime/index.ts";
import { evaluateWith } from "./evaluate.ts";
import type { EvaluateOptions, Evaluation } from "./evaluate.ts";
import { trainWith } from "./loop.ts";
import type { TrainEvent, TrainOptions, TrainResult } from "./types.ts";

export type * from "./errors.ts";
export type * from "./types.ts";
export { losses } from "./losses/index.ts";
export type { LossName } from "./losses/index.ts";
export type { Loss, LossSite } from "./losses/define.ts";
export { optimizers } from "./optimizers/index.ts";
export type { OptimizerName } from "./optimizers/index.ts";
export type { Optimizer, OptimizerSettings } from "./optimizers/define.ts";
export { learningRate, scheduleNames } from "./schedule.ts";
export type { ScheduleName, ScheduleOptions } from "./schedule.ts";
export { weightsOf } from "./weights.ts";
export { trainToEnd } from "./to-end.ts";
export type { Settings } from "./settings.ts";
export { architectures, newModel } from "./architectures/index.ts";
export type { Architecture, ArchitectureOptions } from "./architectures/define.ts";
export { initialise } from "./initialise.ts";
export type { InitialiseOptions } from "./initialise.ts";
export { scalesOf, standardised } from "./standardize.ts";
export type { ColumnScales } from "./standardize.ts";
export { embeddingRows } from "./embedding.ts";
export { readCheckpoint, writeCheckpoint } from "./checkpoint-file.ts";
export type { EvaluateOptions, Evaluation } from "./evaluate.ts";
export type { ClassFigures } from "./metrics/classes.ts";

/**
 * Learns the weights of a model. What is told on the way comes as it happens; what returns is the result.
 * @throws train/bad-option · train/bad-data · train/nothing-to-train · train/fixed-batch · train/bad-checkpoint
 */
export const train = (options: TrainOptions & Pick<WebSessionOptions, "assets">): AsyncGenerator<TrainEvent, TrainResult> =>
  trainWith(
    ({ threads }) => openResident({ threads, ...(options.assets === undefined ? {} : { assets: options.assets }) }),
    options,
  );

/**
 * Looks at every example once.
 * @throws train/bad-data · train/bad-option · train/fixed-batch
 * @example const { figures } = await evaluate({ model, data }); // figures.accuracy
 */
export const evaluate = (options: EvaluateOptions): Promise<Evaluation> => evaluateWith(openResident, options);
