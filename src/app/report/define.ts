import type { Finding } from "../../base/finding/index.ts";

/** What was looked at, and what was found there. A target that was skipped says why: "not run" never looks like "nothing found". */
export interface Target {
  readonly name: string;
  readonly status: "checked" | "skipped";
  /** Why it was skipped. */
  readonly reason?: string;
  readonly findings: readonly Finding[];
}

export interface Report {
  readonly title: string;
  readonly targets: readonly Target[];
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
