import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";

export const monotoneCurve = defineAuditCheck({
  id: "monotone-curve",
  title: "a larger radius breaks no less",
  why: "every small change is also allowed within a larger radius: an attack that loses examples as it may do more is not optimising (Carlini et al. 2019)",
  fix: "find what makes larger steps miss: saturation, clipping, a step size that grows too coarse",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ curves }) {
    if (curves.every(({ epsilons }) => epsilons.length < 2)) return notRun("fewer than two radii");
    const bad = curves.filter(({ lost }) => lost > 0.1);
    if (bad.length === 0) return passed("each radius tried by itself breaks what smaller ones break");
    return bad.map(({ norm, lost, examples }) =>
      failed(`${percent(lost)} of ${examples} examples fell at a radius and stood at a larger one`, { norm }),
    );
  },
});
