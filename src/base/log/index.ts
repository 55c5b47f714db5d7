export { silentLogger, silentMeter } from "./log.ts";
export type { Labels, Logger, Meter } from "./log.ts";
