export { atLeast, bySeverity, severities, whereText } from "./finding.ts";
export type { Finding, Severity, Where } from "./finding.ts";
