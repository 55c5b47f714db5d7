export { createManualClock, systemClock } from "./clock.ts";
export type { Clock } from "./clock.ts";
export { ensureFolder, parentOf, replaceFile } from "./disk.ts";
export type { Disk, DiskEntry, DiskFile } from "./disk.ts";
export { systemRandom } from "./random.ts";
export type { Random } from "./random.ts";
