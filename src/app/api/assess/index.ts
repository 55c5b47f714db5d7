export { assessModel } from "./assess-model.ts";
export type { AssessReport, AssessWays } from "./assess-model.ts";
export { explainRule } from "./explain.ts";
export type { AssessRequest } from "./request.ts";
