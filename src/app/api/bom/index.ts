export { bomOfPath } from "./bom-path.ts";
export type { BomRequest } from "./bom-path.ts";
export { writeBom, writeServedBoms } from "./write-bom.ts";
export type { ServedBom, WriteBomRequest, WrittenBom } from "./write-bom.ts";
