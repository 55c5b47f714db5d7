export { trainModel, resumeTraining } from "./train-model.ts";
export type { Progress } from "./progress.ts";
export type { TrainReport, TrainRequest, TrainWays } from "./train-model.ts";
export { evaluateModel } from "./evaluate-model.ts";
export type { EvaluateRequest, EvaluationReport } from "./evaluate-model.ts";
export type { DataRequest } from "./open-set.ts";
export { checkRequired } from "./require.ts";
export { createModelFile } from "./new-model.ts";
export type { NewModelRequest } from "./new-model.ts";
