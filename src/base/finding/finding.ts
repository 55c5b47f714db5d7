/** One finding model, many writers: scans, assessments and `doctor` all report in this shape. */

export const severities = ["info", "low", "medium", "high", "critical"] as const;

export type Severity = (typeof severities)[number];

/** Where a finding is: at least one part says it. */
export interface Where {
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 0-based offset in bytes, for what has no lines. */
  readonly byte?: number;
  /** Path of a field: `spec.containers[0].image`. */
  readonly field?: string;
  /** Node of a model graph. */
  readonly node?: string;
  /** `table.column`. */
  readonly column?: string;
  /** Network address or URL path. */
  readonly endpoint?: string;
  /** Key of the configuration. */
  readonly setting?: string;
}

export interface Finding {
  /** `family/rule`, stable from birth. */
  readonly rule: string;
  readonly severity: Severity;
  /** One line: the fact. */
  readonly message: string;
  readonly where: Where;
  /** What was seen, as short as it can be. */
  readonly evidence?: string;
  /** Why it matters. */
  readonly why: string;
  /** What to do. */
  readonly fix: string;
  /** `atlas:AML.T0043`, `cwe:284`, `owasp-ml:ML05`, URLs. */
  readonly references?: readonly string[];
  /** Controls it touches, `framework:control`. */
  readonly controls?: readonly string[];
}

/** True when `severity` is at least as grave as `threshold`. */
export function atLeast(severity: Severity, threshold: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(threshold);
}

/** Gravest first; equals keep their order. */
export function bySeverity(a: Finding, b: Finding): number {
  return severities.indexOf(b.severity) - severities.indexOf(a.severity);
}

/** The place as one string, for tables: `file:line`, `node conv1`, … */
export function whereText(where: Where): string {
  const file = where.file === undefined ? undefined : where.line === undefined ? where.file : `${where.file}:${where.line}`;
  const byte = where.byte === undefined ? undefined : `byte ${where.byte}`;
  const parts = [
    file,
    byte,
    where.field,
    where.setting,
    where.endpoint,
    where.column,
    where.node === undefined ? undefined : `node ${where.node}`,
  ];
  return parts.filter((part) => part !== undefined).join(" ") || "–";
}
