export { computeGradients } from "./gradients.ts";
export type { GradientReport, GradientRequest } from "./gradients.ts";
export { inspectModel } from "./inspect.ts";
export type { Inspection } from "./inspect.ts";
