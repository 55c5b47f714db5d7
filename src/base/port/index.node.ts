export * from "./index.ts";
export { createFolderDisk } from "./disk.node.ts";
export { workerEntry } from "./entry.node.ts";
export type { PortErrors } from "./errors.ts";
export { version } from "./version.node.ts";
