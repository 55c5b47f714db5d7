import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";
import type { Outcome } from "../define.ts";

export const restartsHelp = defineAuditCheck({
  id: "restarts-help",
  title: "another random start breaks no more",
  why: "if every new start still finds wrong answers, so would the next one",
  fix: "run longer: `--budget`, or `--attacks autoattack`",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ runs }) {
    const outcomes: Outcome[] = [];
    let ran = false;
    for (const { norm, records, standings } of runs) {
      // Only the last attack with several starts speaks for all: what an earlier one left, later ones took.
      const last = records.findLast(({ evidence }) => evidence.restarts.some((starts) => starts.length > 1));
      if (last === undefined) continue;
      ran = true;
      for (const [level, epsilon] of standings.epsilons.entries()) {
        const starts = last.evidence.restarts[level] ?? [];
        if (starts.length < 2) continue;
        const atLast = starts.at(-1)!;
        const broken = last.broke[level]! - (starts[0]! - atLast);
        if (broken > Math.max(2, 0.03 * atLast))
          outcomes.push(
            failed(`the last of ${starts.length} starts still broke ${percent(broken / atLast)} of those that stood`, {
              norm,
              epsilon,
            }),
          );
      }
    }
    if (outcomes.length > 0) return outcomes;
    return ran ? passed("the last start broke no more than chance would") : notRun("no attack began more than once");
  },
});
