export { gatewayConfig } from "./config.ts";
export type { GatewayConfig } from "./config.ts";
export { modelsConfig } from "./models/config.ts";
export type { ModelsConfig } from "./models/config.ts";
export type { Models, ModelsReport, ServedModel } from "./models/models.ts";
export type { Gateway, GatewayParts } from "./face.ts";
export type { ModelsParts } from "./models/face.ts";
