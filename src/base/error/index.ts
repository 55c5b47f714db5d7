export { ModelkeepError, isModelkeepError, toModelkeepError } from "./error.ts";
export type { ErrorCode, ErrorCodes, ErrorDetails, ExitCode } from "./error.ts";
export { escapeText, quote } from "./quote.ts";
export { nearest } from "./nearest.ts";
