export * from "./index.ts";
export { openStore } from "./open.node.ts";
export type { OpenStoreOptions } from "./open.node.ts";
export { emptyDatabaseFile } from "./pglite.node.ts";
