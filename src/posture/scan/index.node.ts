export * from "./index.ts";
export { scanPath, scanStream } from "./disk/scan-paths.node.ts";
export type { ScanPathOptions } from "./disk/scan-paths.node.ts";
export { convertFile } from "./disk/convert-file.node.ts";
export type { ConvertedFile } from "./disk/convert-file.node.ts";
