import { escapeText } from "../../../base/error/index.ts";
import { bySeverity, whereText } from "../../../base/finding/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import type { Target } from "../define.ts";
import { defineWriter } from "../define.ts";

/** For a terminal: a count for each target first, then each finding with its reason and its fix. */
export const table = defineWriter({
  id: "table",
  title: "text for a terminal",
  write(report) {
    const width = Math.max(...report.targets.map(({ name }) => name.length), 0);
    const counts = report.targets.map((target) => `${target.name.padEnd(width)}  ${verdict(target)}`);
    const findings = report.targets.flatMap((target) => target.findings).toSorted(bySeverity);
    return [report.title, "", ...counts, ...findings.flatMap(paragraph), ""].join("\n");
  },
});

function verdict({ status, reason, findings }: Target): string {
  if (status === "skipped") return `– not checked: ${escapeText(reason ?? "no reason given")}`;
  if (findings.length === 0) return "✓ nothing found";
  const worst = findings.toSorted(bySeverity)[0]!.severity;
  return `✗ ${findings.length} ${findings.length === 1 ? "finding" : "findings"}, worst ${worst}`;
}

function paragraph(finding: Finding): string[] {
  const { severity, rule, message, where, evidence, why, fix } = finding;
  const place = whereText(where);
  return [
    "",
    `${severity.toUpperCase()} ${rule}: ${escapeText(message, 400)}`,
    ...(place === "–" ? [] : [`  at   ${escapeText(place, 300)}`]),
    ...(evidence === undefined ? [] : [`  seen ${escapeText(evidence, 300)}`]),
    `  why  ${why}`,
    `  fix  ${fix}`,
  ];
}
