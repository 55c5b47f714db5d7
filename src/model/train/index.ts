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

/**
 * Learns the weights of a model. What is told on the way comes as it happens; what returns is the result.
 * @throws train/bad-option · train/bad-data · train/nothing-to-train · train/fixed-batch · train/bad-checkpoint
 */
export const train = (options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> => trainWith(openResident, options);
