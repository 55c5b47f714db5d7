/**
 * Runs models: the one place that talks to ONNX Runtime. This face runs them in a
 * browser; Node's (`index.node.ts`) runs them outside the calling thread, and serves them.
 */
export type * from "./errors.ts";
export { openResident, openSession } from "./open-web.ts";
export type { WebSessionOptions } from "./open-web.ts";
export type { NamedTensor, Optimisation, RunOptions, Session, SessionInfo, SessionOptions, ValueInfo } from "./session.ts";
export type { Resident, ResidentModel } from "./resident.ts";
export type { Wiring } from "./held-state.ts";
export type { ModelRunner, RunnerRunOptions, RunnerStats } from "./runner.ts";
export type { RunResult } from "./pending.ts";
export type { RowVerdict } from "./row-probe.ts";
export { blockSizeOf } from "./blocked/block-size.ts";
export { inBlocks } from "./blocked/in-blocks.ts";
