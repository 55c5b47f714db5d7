import { escapeText } from "../../../base/error/index.ts";
import { bySeverity, whereText } from "../../../base/finding/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import type { Target } from "../define.ts";
import { defineWriter } from "../define.ts";

/** Targets beyond this many are counted when nothing is wrong with them. */
const maxQuiet = 40;

/** For a terminal: a count for each target first, then each finding with its reason and its fix. */
export const table = defineWriter({
  id: "table",
  title: "text for a terminal",
  write(report) {
    const { shown, hidden } = choose(report.targets);
    const width = Math.min(60, Math.max(...shown.map(({ name }) => escapeText(name, 300).length), 0));
    const kinds = Math.max(...shown.map(({ kind }) => kind?.length ?? 0));
    const counts = shown.map((target) => {
      const kind = kinds === 0 ? "" : `  ${(target.kind ?? "").padEnd(kinds)}`;
      return `${escapeText(target.name, 300).padEnd(width)}${kind}  ${verdict(target)}`;
    });
    const findings = report.targets.flatMap((target) => target.findings).toSorted(bySeverity);
    return [
      report.title,
      "",
      ...counts,
      ...hidden,
      ...findings.flatMap(paragraph),
      ...(report.notes ?? []).flatMap((note, i) => [...(i === 0 ? [""] : []), escapeText(note, 400)]),
      "",
    ].join("\n");
  },
});

/** Everything with findings or problems, and the quiet ones while they fit. */
function choose(targets: readonly Target[]): { shown: readonly Target[]; hidden: readonly string[] } {
  const isQuiet = ({ status, findings }: Target): boolean => status !== "failed" && findings.length === 0;
  const quiet = targets.filter(isQuiet);
  if (quiet.length <= maxQuiet) return { shown: targets, hidden: [] };
  const checked = quiet.filter(({ status }) => status === "checked").length;
  return {
    shown: targets.filter((target) => !isQuiet(target)),
    hidden: [`… and ${checked} more with nothing found, ${quiet.length - checked} not checked (--format json lists them)`],
  };
}

function verdict({ status, reason, findings }: Target): string {
  if (status === "skipped" && findings.length === 0) return `– not checked: ${escapeText(reason ?? "no reason given")}`;
  if (findings.length === 0) return status === "failed" ? "✗ could not be checked" : "✓ nothing found";
  const worst = findings.toSorted(bySeverity)[0]!.severity;
  const count = `${findings.length} ${findings.length === 1 ? "finding" : "findings"}, worst ${worst}`;
  return status === "failed" ? `✗ could not be checked to its end: ${count}` : `✗ ${count}`;
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
