/**
 * Runs models: the one place that talks to ONNX Runtime. In Node (`index.node.ts`) models run outside the calling thread.
 */
export type * from "./errors.ts";
export type { NamedTensor, Optimisation, RunOptions, Session, SessionInfo, SessionOptions, ValueInfo } from "./session.ts";
export type { ModelRunner, RunnerRunOptions, RunnerStats } from "./runner.ts";
export type { RunResult } from "./pending.ts";
export type { RowVerdict } from "./row-probe.ts";
