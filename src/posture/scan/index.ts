/** What is in a file, and what it would do: rules over model artefacts, containers and clusters, by content and without running anything. */

export type {} from "./errors.ts";
export { bytesSource, copyOf, partOf } from "./bytes/source.ts";
export type { ByteSource } from "./bytes/source.ts";
export { defineFolderKind, defineKind, defineRule, families } from "./define.ts";
export type { Family, Fixture, FolderKind, Hit, Kind, Member, Opened, Probe, Rule, TextEdit } from "./define.ts";
export { applyBaseline, fingerprint, parseBaseline, writeBaseline } from "./engine/baseline.ts";
export type { ScanContext, ScanOptions } from "./engine/context.ts";
export { applyExceptions, parseExceptions } from "./engine/exceptions.ts";
export type { Exception, Excepting } from "./engine/exceptions.ts";
export type { FolderSource, PlaceFacts } from "./engine/folder.ts";
export { defaultLimits } from "./engine/limits.ts";
export type { ScanLimits } from "./engine/limits.ts";
export { joinedFindings } from "./engine/together.ts";
export type { Cluster, Placed, Together } from "./k8s/cluster.ts";
export type { Edit, FieldPath } from "./k8s/fields.ts";
export { applyEdits, fieldText } from "./k8s/fields.ts";
export { newestMinor, podSecurityLevels } from "./k8s/pss/control.ts";
export type { PodControl, PodProblem, PodSecurityLevel } from "./k8s/pss/control.ts";
export { editsFor, evaluatePod, parseMinor } from "./k8s/pss/evaluate.ts";
export type { PodStandard, PodVerdict, PodViolation } from "./k8s/pss/evaluate.ts";
export { folderKinds, kinds, rules } from "./registry.ts";
export { summarise } from "./result.ts";
export type { ExceptedFinding, ScanFinding, ScannedTarget, ScanResult, ScanSummary } from "./result.ts";
export { scanBytes } from "./scan-bytes.ts";
export type { ScanBytesOptions } from "./scan-bytes.ts";
export type { Subject, Subjects, SubjectType } from "./subject.ts";
