export { defendModel } from "./defend-model.ts";
export type { DefendReport } from "./defend-model.ts";
export type { DefendRequest } from "./request.ts";
