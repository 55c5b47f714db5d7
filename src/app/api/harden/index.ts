export { hardenModel, resumeHardening } from "./harden-model.ts";
export type { HardenReport, HardenRequest } from "./harden-model.ts";
