import { openResident } from "../runtime/index.node.ts";
import { evaluateWith } from "./evaluate.ts";
import type { EvaluateOptions, Evaluation } from "./evaluate.ts";
import { trainWith } from "./loop.ts";
import type { TrainEvent, TrainOptions, TrainResult } from "./types.ts";

export * from "./index.ts";

/** {@link trainWith} in a worker thread: the calling thread gathers batches meanwhile. */
export const train = (options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult> => trainWith(openResident, options);

/** {@link evaluateWith} in a worker thread. */
export const evaluate = (options: EvaluateOptions): Promise<Evaluation> => evaluateWith(openResident, options);
