export { createAccess } from "./access.ts";
export { accessConfig } from "./config.ts";
export type { AccessConfig } from "./config.ts";
export { accessMigrations } from "./migrations.ts";
export { actions } from "./types.ts";
export type { Access, AccessParts, Action, Authentication, By, Caller, Decision, Refusal, Resource } from "./types.ts";
export { keyPattern, looksLikeKey } from "./keys/format.ts";
export type { KeyChange, KeyInfo, KeyRequest, Keys, NewKey, PrincipalInfo, PrincipalKind, Principals } from "./keys/face.ts";
export type { Explanation, ExplainQuestion, Permission, Policies, TestQuestion } from "./policy/face.ts";
