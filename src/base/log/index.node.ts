export * from "./index.ts";
export { createLogger } from "./pino.node.ts";
export type { LoggerOptions, LogLevel } from "./pino.node.ts";
export { createPrometheusMeter } from "./prometheus.node.ts";
export type { PrometheusMeter } from "./prometheus.node.ts";
