/** SARIF 2.1.0 (OASIS Standard, errata 01), as code hosts and editors read it. Property numbers below are sections of that standard. */

import { escapeText } from "../../../base/error/index.ts";
import { whereText } from "../../../base/finding/index.ts";
import type { Finding, Severity, Where } from "../../../base/finding/index.ts";
import { defineWriter } from "../define.ts";
import type { Report, RuleFacts } from "../define.ts";

const levels: Readonly<Record<Severity, string>> = {
  critical: "error",
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};

/** GitHub sorts by this number, a CVSS score in text. */
const scores: Readonly<Record<Severity, string>> = { critical: "9.5", high: "8.0", medium: "5.5", low: "3.0", info: "0.0" };

export const sarif = defineWriter({
  id: "sarif",
  title: "SARIF 2.1.0",
  write(report) {
    const rules = rulesOf(report);
    const index = new Map(rules.map(({ id }, i) => [id, i]));
    const log = {
      $schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      version: "2.1.0",
      runs: [
        {
          tool: {
            driver: {
              name: "modelkeep",
              ...(report.version === undefined ? {} : { semanticVersion: report.version }),
              rules: rules.map(descriptor),
            },
          },
          // 3.20.14: a run that could not look at everything has not succeeded at looking.
          invocations: [
            {
              executionSuccessful: report.targets.every(({ status }) => status !== "failed"),
              toolExecutionNotifications: report.targets
                .filter(({ status }) => status !== "checked")
                .map(({ name, status, reason }) => ({
                  level: status === "failed" ? "error" : "note",
                  message: {
                    text: clean(`${name}: ${status === "failed" ? "could not be checked" : `not checked: ${reason ?? ""}`}`),
                  },
                })),
            },
          ],
          artifacts: report.targets.map(({ name }) => ({ location: { uri: uriOf(name) } })),
          results: report.targets.flatMap(({ name, findings }) =>
            findings.map((finding) => result(finding, name, index.get(finding.rule)!)),
          ),
          columnKind: "utf16CodeUnits",
        },
      ],
    };
    return JSON.stringify(log);
  },
});

/** Rules of the report, and those that only a finding names. */
function rulesOf({ rules = [], targets }: Report): readonly RuleFacts[] {
  const known = new Map(rules.map((rule) => [rule.id, rule]));
  for (const { rule, severity, why, fix, references = [] } of targets.flatMap(({ findings }) => findings)) {
    if (!known.has(rule)) known.set(rule, { id: rule, title: rule, severity, why, fix, references });
  }
  return [...known.values()];
}

function descriptor({ id, title, severity, why, fix, references = [] }: RuleFacts): object {
  const link = references.find((reference) => reference.startsWith("https://"));
  return {
    id,
    name: id.replaceAll(/(^|[/-])([a-z0-9])/g, (_, _gap, letter: string) => letter.toUpperCase()),
    shortDescription: { text: clean(title) },
    fullDescription: { text: clean(why) },
    help: { text: clean(fix) },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: levels[severity] },
    properties: {
      tags: ["security", ...references.filter((reference) => reference !== link)],
      "security-severity": scores[severity],
    },
  };
}

function result(finding: Finding, target: string, ruleIndex: number): object {
  const { rule, severity, message, where, evidence, fix } = finding;
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[severity],
    message: { text: clean(`${message}${evidence === undefined ? "" : ` (${evidence})`}. ${fix}`) },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(where.file ?? target) }, ...region(where) },
        logicalLocations: [{ fullyQualifiedName: clean(whereText(where)) }],
      },
    ],
    properties: { severity },
  };
}

function region({ line, byte }: Where): object {
  if (line !== undefined && line >= 1) return { region: { startLine: line } };
  return byte === undefined ? {} : { region: { byteOffset: byte, byteLength: 0 } };
}

/** A URI reference (RFC 3986, 4.2): only what may stand in a path stays; a first segment with a colon would read as a scheme. */
function uriOf(path: string): string {
  const encoded = path
    .split("/")
    .map((segment) => encodeURIComponent(segment.replaceAll(/[\ud800-\udfff]/gu, "\ufffd")))
    .join("/");
  return encoded === "" ? "." : encoded;
}

const clean = (text: string): string => escapeText(text, 2000);
