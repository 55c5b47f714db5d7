/**
 * The verdict over a model: attacks, an audit of the attacks, adaptive attacks on what the audit found, and what may be said of it all.
 *
 * @example
 * const subject = await openSubject(openSession, readModel(bytes), { name: "digits" });
 * const { threats } = await assess({ subject, open: openSession, x, labels, threats: [parseThreat("linf:0.1")], bounds: { low: 0, high: 1 }, boundsTold: true, attacks: "auto", now: () => performance.now() });
 */
export type {} from "./errors.ts";
export { assess } from "./assess.ts";
export type { Assessment } from "./assess.ts";
export type { AssessEvent, AssessOptions, Snapshot } from "./options.ts";
export { defineAuditCheck } from "./audit/define.ts";
export type { AuditCheck, AuditFacts, EarlyFacts, Outcome, Status } from "./audit/define.ts";
export { auditChecks } from "./audit/registry.ts";
export type { AuditNote } from "./audit/registry.ts";
export { surrogateOf } from "./adaptive/surrogate.ts";
export type { Surrogate } from "./adaptive/surrogate.ts";
export type { AttackRecord, NormRun } from "./campaign.ts";
export { checkRequirement } from "./check-requirements.ts";
export type { RequirementResult } from "./check-requirements.ts";
export { parseRequirement } from "./requirement.ts";
export type { Requirement } from "./requirement.ts";
export { tasks } from "./tasks/judged.ts";
export type { TaskRequest, Truth } from "./tasks/judged.ts";
export type { Task, TaskSettings } from "./tasks/define.ts";
export type { MeasuredFigure } from "./tasks/measure.ts";
export { parseQuantity } from "./quantity.ts";
export type { Standings } from "./standings.ts";
export { openSubject, openTaskSubject, remoteSubject } from "./subject.ts";
export type { Subject } from "./subject.ts";
export { defaultThreats, mergeThreats, parseThreat } from "./threats.ts";
export type { ThreatLine } from "./threats.ts";
export type { AttackRow, ThreatVerdict, Verdict } from "./verdict.ts";
