export * from "./index.ts";
export { readDataFile, readNpyFile, writeNpyFile } from "./file.node.ts";
export type { FileLimits } from "./file.node.ts";
