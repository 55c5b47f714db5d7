export * from "./index.ts";
export { workerEntry } from "./entry.node.ts";
export type { PortErrors } from "./errors.ts";
