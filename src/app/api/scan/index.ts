export { convertModel } from "./convert.ts";
export { fixTargets } from "./fix.ts";
export type { Fixed } from "./fix.ts";
export { sbomOf } from "./sbom.ts";
export { scanPaths } from "./scan.ts";
export type { ScanRequest } from "./scan.ts";
export { scanExit, scanReport } from "./verdict.ts";
export { writeBaseline } from "../../../posture/scan/index.ts";
