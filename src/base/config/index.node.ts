export * from "./index.ts";
export { fileLayer, readSecret } from "./file.node.ts";
export type { SecretPlaces } from "./file.node.ts";
