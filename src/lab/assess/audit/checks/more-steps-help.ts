import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";
import type { Outcome } from "../define.ts";
import { strengthened } from "../../strengthen.ts";

export const moreStepsHelp = defineAuditCheck({
  id: "more-steps-help",
  title: "more steps and starts break no more",
  why: "an attack that has not come to its end says nothing about what a longer one would do (Carlini et al. 2019; incomplete optimisation, Pintor et al. 2022)",
  fix: "run longer: `--budget`, or `--attacks autoattack`",
  references: ["doi:10.48550/arXiv.1902.06705", "doi:10.48550/arXiv.2106.09947"],
  examine({ runs }) {
    const outcomes: Outcome[] = [];
    let ran = false;
    for (const { norm, records, standings } of runs) {
      const last = records.findLast(({ key }) => strengthened(key));
      if (last === undefined) continue;
      ran = true;
      for (const [level, epsilon] of standings.epsilons.entries()) {
        const [tried, fell] = [last.attempted[level]!, last.broke[level]!];
        const rising = last.evidence.stillRising[level]!;
        if (fell > Math.max(2, 0.03 * tried))
          outcomes.push(
            failed(`three times the steps, from new starts, broke ${percent(fell / tried)} of those that stood`, {
              norm,
              epsilon,
            }),
          );
        // A loss that rises for many and breaks nobody is an attack that has not arrived.
        else if (rising > 0.5)
          outcomes.push(
            failed(`the loss of ${percent(rising)} of those that stand still rose at the last step`, { norm, epsilon }),
          );
      }
    }
    if (outcomes.length > 0) return outcomes;
    return ran
      ? passed("three times the steps, from new starts, broke no more than chance would, and losses had come to rest")
      : notRun("no attack by gradients was run longer");
  },
});
