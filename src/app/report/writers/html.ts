/** One page that needs nothing else: no script, no font, no network. */

import { bySeverity, severities, whereText } from "../../../base/finding/index.ts";
import type { Finding } from "../../../base/finding/index.ts";
import { defineWriter } from "../define.ts";
import type { Target } from "../define.ts";
import { markup } from "../markup.ts";

const style = `
:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
code{overflow-wrap:anywhere}article{border-left:.35rem solid #888;padding:.1rem 1rem;margin:1rem 0}
.critical{border-color:#a40e26}.high{border-color:#d1570a}.medium{border-color:#bf8700}.low{border-color:#4a7fb5}.info{border-color:#888}
b.critical,b.high,b.medium,b.low,b.info{border-bottom:.2rem solid}dt{float:left;width:4rem;opacity:.7}dd{margin-left:4.5rem}`;

export const html = defineWriter({
  id: "html",
  title: "one HTML page",
  write({ title, targets, notes = [], version }) {
    const findings = targets.flatMap((target) => target.findings).toSorted(bySeverity);
    const counts = severities
      .toReversed()
      .map((severity) => [severity, findings.filter((finding) => finding.severity === severity).length] as const)
      .map(([severity, count]) => `<b class="${severity}">${count} ${severity}</b>`);
    const count = (status: Target["status"]): number => targets.filter((target) => target.status === status).length;
    return [
      '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
      `<title>${markup(title)}</title><style>${style}</style></head><body>`,
      `<h1>${markup(title)}</h1>`,
      `<p>${count("checked")} checked, ${count("failed")} could not be checked, ${count("skipped")} not checked. ${counts.join(" · ")}</p>`,
      ...notes.map((note) => `<p>${markup(note)}</p>`),
      "<h2>Targets</h2><table><tr><th>target</th><th>kind</th><th>result</th></tr>",
      ...targets.map(row),
      "</table>",
      ...(findings.length === 0 ? [] : ["<h2>Findings</h2>", ...findings.map(article)]),
      ...(version === undefined ? [] : [`<footer>Modelkeep ${markup(version)}</footer>`]),
      "</body></html>",
      "",
    ].join("\n");
  },
});

function row({ name, kind = "", status, reason = "", findings }: Target): string {
  const worst = findings.toSorted(bySeverity)[0]?.severity;
  const found = worst === undefined ? "nothing found" : `${findings.length} findings, worst ${worst}`;
  const words = { checked: found, failed: `could not be checked: ${found}`, skipped: `not checked: ${markup(reason)}` };
  return `<tr><td><code>${markup(name)}</code></td><td>${markup(kind)}</td><td>${words[status]}</td></tr>`;
}

function article({ severity, rule, message, where, evidence, why, fix, references = [] }: Finding): string {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["at", whereText(where)],
    ["seen", evidence],
    ["why", why],
    ["fix", fix],
    ["see", references.length === 0 ? undefined : references.join(", ")],
  ];
  const list = facts.filter(([, text]) => text !== undefined).map(([term, text]) => `<dt>${term}</dt><dd>${markup(text!)}</dd>`);
  return `<article class="${severity}"><h3>${severity} <code>${markup(rule)}</code>: ${markup(message)}</h3><dl>${list.join("")}</dl></article>`;
}
