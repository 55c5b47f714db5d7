/** Markdown for pull requests and wikis: a table of targets, then the findings. */

import { bySeverity, whereText } from "../../../base/finding/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import { defineWriter } from "../define.ts";
import type { Target } from "../define.ts";
import { markup } from "../markup.ts";

export const markdown = defineWriter({
  id: "markdown",
  title: "Markdown",
  write({ title, targets, notes = [] }) {
    const findings = targets.flatMap((target) => target.findings).toSorted(bySeverity);
    return [
      `# ${plain(title)}`,
      "",
      "| target | kind | result |",
      "|---|---|---|",
      ...targets.map((target) => `| ${plain(target.name)} | ${plain(target.kind ?? "")} | ${verdict(target)} |`),
      ...findings.flatMap(section),
      ...notes.flatMap((note) => ["", plain(note)]),
      "",
    ].join("\n");
  },
});

function verdict({ status, reason, findings }: Target): string {
  const worst = findings.toSorted(bySeverity)[0]?.severity;
  const found = worst === undefined ? "nothing found" : `${findings.length} findings, worst **${worst}**`;
  if (status === "failed") return `could not be checked; ${found}`;
  return status === "skipped" ? `not checked: ${plain(reason ?? "no reason given")}` : found;
}

function section({ severity, rule, message, where, evidence, why, fix }: Finding): string[] {
  return [
    "",
    `## ${severity}: ${plain(message)}`,
    "",
    `- rule: ${plain(rule)}`,
    `- at: ${plain(whereText(where))}`,
    ...(evidence === undefined ? [] : [`- seen: ${plain(evidence)}`]),
    `- why: ${plain(why)}`,
    `- fix: ${plain(fix)}`,
  ];
}

/** Text that Markdown leaves alone: no markup, no HTML, no cell border, no line break. */
function plain(text: string): string {
  return markup(text.replaceAll("\n", " ")).replaceAll(/[\\`*_[\]|~#!]/g, (char) => `\\${char}`);
}
