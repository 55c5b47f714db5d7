export * from "./index.ts";
export { fileLayer, readSecret } from "./file.node.ts";
