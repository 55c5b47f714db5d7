export { heedClosedPipes } from "./closed-pipes.ts";
export { runCommandLine } from "./program.ts";
export type { Streams } from "./output.ts";
