export * from "./index.ts";
export { fileSource, openNpzFile, openRandomSource, readDataFile, readNpyFile, writeNpyFile } from "./file.node.ts";
export type { FileLimits } from "./file.node.ts";
export { namedSets } from "./named/named.node.ts";
export type { NamedSet, Split } from "./named/named.node.ts";
export { openData } from "./open-data.node.ts";
export type { OpenOptions } from "./open-data.node.ts";
export { tableInWorker } from "./worker/table-in-worker.node.ts";
export type { WorkerLimits } from "./worker/table-in-worker.node.ts";
