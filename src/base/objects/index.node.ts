export * from "./index.ts";
export { createFolderObjects } from "./folder.node.ts";
