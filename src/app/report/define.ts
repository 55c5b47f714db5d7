import type { Finding } from "../../base/finding/index.ts";

/**
 * What was looked at, and what was found there. A target that was skipped or that could not be looked at says so: "not run" never looks
 * like "nothing found".
 */
export interface Target {
  readonly name: string;
  /** What it is: `pickle`, `pod`; nothing when the title of the report says it. */
  readonly kind?: string;
  readonly status: "checked" | "skipped" | "failed";
  /** Why it was skipped. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

/** A rule that was applied, whether or not it fired: SARIF lists them. */
export interface RuleFacts extends Pick<Finding, "severity" | "why" | "fix"> {
  readonly id: string;
  readonly title: string;
  readonly references?: readonly string[];
}

export interface Report {
  readonly title: string;
  readonly targets: readonly Target[];
  readonly rules?: readonly RuleFacts[];
  /** Of Modelkeep. */
  readonly version?: string;
  /** Sentences that belong to the verdict: what was excepted, what was not run. */
  readonly notes?: readonly string[];
}

/** Findings as text in one format. One file in `writers/` each. */
export interface Writer {
  /** The name that `--format` takes. */
  readonly id: string;
  readonly title: string;
  write(report: Report): string;
}

export function defineWriter(writer: Writer): Writer {
  return writer;
}
