import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";
import type { Outcome } from "../define.ts";

export const blackBoxStronger = defineAuditCheck({
  id: "black-box-stronger",
  title: "an attack that sees less does not win more",
  why: "who knows the gradient can do everything that a black-box attack does: if the latter wins, the former was blind (Carlini et al. 2019, section 5)",
  fix: "find what blinds the gradient; the other checks say where to look",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ runs }) {
    const outcomes: Outcome[] = [];
    let asked = false;
    for (const { norm, records, standings } of runs) {
      // Attacks of a kind are judged against those of the other kind that came before them.
      const first = records.findIndex(({ needs }) => needs === "gradient");
      const blind = records.filter(({ needs, view }, at) => first >= 0 && at > first && needs !== "gradient" && view === "plain");
      asked ||= blind.length > 0;
      for (const [level, epsilon] of standings.epsilons.entries()) {
        const fell = blind.reduce((sum, { broke }) => sum + broke[level]!, 0);
        if (fell > Math.max(2, 0.002 * standings.size)) {
          outcomes.push(
            failed(`${percent(fell / standings.size)} fell without gradients that no attack with gradients broke`, {
              norm,
              epsilon,
            }),
          );
        }
      }
    }
    if (outcomes.length > 0) return outcomes;
    return asked
      ? passed("what no gradient broke, nothing else broke")
      : notRun("no attack without gradients followed one with them");
  },
});
