export { configJsonSchema, loadConfig } from "./load.ts";
export type { Explained, Loaded } from "./load.ts";
export { environmentLayer, flagLayer } from "./layers.ts";
export type { Layer, Origin, OriginKind } from "./layers.ts";
export { parseConfigText } from "./parse.ts";
export type { ParsedFile, Path, Tree } from "./parse.ts";
export { secretReference } from "./secret.ts";
export type { SecretReference } from "./secret.ts";
