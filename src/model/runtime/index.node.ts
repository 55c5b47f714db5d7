export type * from "./index.ts";
export { openSession } from "./open.node.ts";
export { openResident } from "./open-resident.node.ts";
export type { NodeResidentOptions } from "./open-resident.node.ts";
export type { NodeSessionOptions } from "./open.node.ts";
export { createRuntime } from "./runtime.node.ts";
export type { BatchingOptions, LoadOptions, Runtime, RuntimeOptions } from "./runtime.node.ts";
export type { Isolation } from "./hosts.node.ts";
export type { IsolationReport } from "./isolation-report.node.ts";
