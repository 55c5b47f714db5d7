import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";

/** A point on an edge may fall to one side in the model and to the other in the graph of its gradient. */
const mostOthers = 0.05;

export const silentSuccess = defineAuditCheck({
  id: "silent-success",
  title: "scores beside a gradient are the model's own",
  why: "an attack that judges its points by stale scores, or by those of another net, passes wrong answers by (silent success, Pintor et al. 2022)",
  fix: "have the gradient come from the model that is assessed, and its scores from the points that were asked",
  references: ["doi:10.48550/arXiv.2106.09947"],
  examine({ probe: { gradient } }) {
    if (gradient === undefined) return notRun("no gradient reaches the input");
    const { otherScores } = gradient;
    return otherScores > mostOthers
      ? failed(`beside the gradient ${percent(otherScores)} of the points have other scores than the model gives`)
      : passed("the model gives the same scores as come beside its gradient");
  },
});
