import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";

export const unboundedAttack = defineAuditCheck({
  id: "unbounded-attack",
  title: "who may change everything wins",
  why: "within the whole range of the data an attacker can turn a three into an eight: robust accuracy there is a broken attack, not a robust model (Carlini et al. 2019)",
  fix: "find what blinds the attack; the other checks say where to look",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ unbounded }) {
    if (unbounded.length === 0) return notRun("no gradient reaches the input");
    const bad = unbounded.filter(({ robust, examples }) => robust > 0.05 && robust * examples > 1);
    if (bad.length === 0) return passed("an attack over the whole range breaks everything");
    return bad.map(({ norm, robust, examples }) =>
      failed(`${percent(robust)} of ${examples} examples stood against changes over the whole range of the data`, { norm }),
    );
  },
});
