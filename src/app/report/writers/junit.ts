/** JUnit XML in the form of the Ant task's schema that CI servers share: a suite per report, a case per target, a failure per target with findings. */

import { bySeverity, whereText } from "../../../base/finding/index.ts";
import { defineWriter } from "../define.ts";
import type { Target } from "../define.ts";
import { markup } from "../markup.ts";

export const junit = defineWriter({
  id: "junit",
  title: "JUnit XML",
  write({ title, targets }) {
    const count = (wanted: (target: Target) => boolean): number => targets.filter(wanted).length;
    const isSkipped = ({ status, findings }: Target): boolean => status === "skipped" && findings.length === 0;
    const isError = ({ status }: Target): boolean => status === "failed";
    const isFailure = (target: Target): boolean => !isError(target) && target.findings.length > 0;
    const counts = `tests="${targets.length}" failures="${count(isFailure)}" errors="${count(isError)}" skipped="${count(isSkipped)}"`;
    return [
      '<?xml version="1.0" encoding="UTF-8"?>',
      `<testsuites ${counts}>`,
      `  <testsuite name="${markup(title)}" ${counts} time="0">`,
      ...targets.map((target) => {
        const head = `    <testcase name="${markup(target.name)}" classname="${markup(target.kind ?? title)}" time="0"`;
        if (isSkipped(target)) return `${head}><skipped message="${markup(target.reason ?? "")}"/></testcase>`;
        if (!isError(target) && target.findings.length === 0) return `${head}/>`;
        return `${head}>${problem(target, isError(target) ? "error" : "failure")}</testcase>`;
      }),
      "  </testsuite>",
      "</testsuites>",
      "",
    ].join("\n");
  },
});

function problem({ findings }: Target, element: "error" | "failure"): string {
  const sorted = findings.toSorted(bySeverity);
  const message = sorted.length === 0 ? "could not be checked" : `${sorted.length} findings, worst ${sorted[0]!.severity}`;
  const lines = sorted.map(
    ({ severity, rule, message: fact, where, fix }) => `${severity} ${rule}: ${fact}\n  at ${whereText(where)}\n  fix ${fix}`,
  );
  return `<${element} message="${markup(message)}" type="${markup(sorted[0]?.rule ?? "failed")}">${markup(lines.join("\n"), Infinity)}</${element}>`;
}
