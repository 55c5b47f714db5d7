import { markup } from "../markup.ts";
import type { AssessmentFacts } from "./facts.ts";

const badges: Readonly<Record<string, readonly [sign: string, tone: string, word: string]>> = {
  passed: ["✓", "good", "passed"],
  handled: ["✓", "good", "handled"],
  failed: ["✗", "bad", "failed"],
  "not-run": ["–", "quiet", "not run"],
};

/** Whether the attack was any good: every check with its outcome, failures first. */
export function auditSection({ audit, adaptive, notes }: AssessmentFacts): string {
  const order = ["failed", "handled", "not-run", "passed"];
  const sorted = audit.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const count = (status: string): number => audit.filter((note) => note.status === status).length;
  const item = ({ title, status, message }: AssessmentFacts["audit"][number]): string => {
    const [sign, tone, word] = badges[status] ?? badges["not-run"]!;
    return `<li><b class="${tone}">${sign}</b><span><b>${markup(title)}</b> <span class="${tone}">${word}</span><br><small class="quiet">${markup(message, 600)}</small></span></li>`;
  };
  return [
    "<h2>Was the attack any good?</h2>",
    `<p class="quiet">An attack that fails proves nothing by itself. ${count("failed")} of ${audit.length} checks failed${count("failed") === 0 ? ": the figures above may be relied on." : ": where one fails, no accuracy is called robust."}</p>`,
    ...(adaptive === undefined || adaptive.length === 0
      ? []
      : [`<p>Attacked again as one who knows the defence: ${markup(adaptive.join("; "))}.</p>`]),
    ...notes.map((note) => `<p class="quiet">${markup(note)}</p>`),
    `<ul class="badges">${sorted.map(item).join("")}</ul>`,
  ].join("");
}
