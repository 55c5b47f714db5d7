import { atLeast } from "../../../base/finding/index.ts";
import type { Severity } from "../../../base/finding/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { rules } from "../../../posture/scan/index.ts";
import type { ScanResult } from "../../../posture/scan/index.ts";
import type { Report } from "../../report/index.ts";

/** 1 when something at least as grave as `failOn` was found, else 3 when nothing could be looked at, else 0. */
export function scanExit({ targets, summary }: ScanResult, failOn: Severity | "none"): 0 | 1 | 3 {
  const grave = targets.some(({ findings }) => findings.some(({ severity }) => failOn !== "none" && atLeast(severity, failOn)));
  if (grave) return 1;
  return summary.scanned === 0 ? 3 : 0;
}

const words = { scanned: "checked", failed: "failed", skipped: "skipped" } as const;

/** The result as the report that every writer takes. */
export function scanReport({ targets, excepted, known }: ScanResult): Report {
  return {
    title: "modelkeep scan",
    version,
    rules: rules.all.map(({ id, title, severity, why, fix, references }) => ({ id, title, severity, why, fix, references })),
    targets: targets.map(({ path, kind, status, reason, findings }) => ({
      name: path,
      kind,
      status: words[status],
      ...(reason === undefined ? {} : { reason }),
      findings,
    })),
    notes: [
      ...excepted.map(
        ({ rule, where, exception: { owner, reason, expires } }) =>
          `excepted: ${rule} in ${where.file ?? "?"} by ${owner}${expires === undefined ? "" : ` until ${expires}`}: ${reason}`,
      ),
      ...(known.length === 0 ? [] : [`${known.length} findings are in the baseline and do not count`]),
    ],
  };
}
