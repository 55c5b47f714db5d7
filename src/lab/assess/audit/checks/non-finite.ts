import { spanOf } from "../../trials.ts";
import { defineAuditCheck, failed, passed, percent } from "../define.ts";

export const nonFinite = defineAuditCheck({
  id: "non-finite",
  title: "answers and gradients are numbers",
  why: "a NaN stops an attack without a word, and an answer that is no number is no answer",
  fix: "find where it comes from: roots and logarithms at zero, divisions by zero",
  references: ["doi:10.48550/arXiv.2106.09947"],
  // A kink such as |x| at 0 has no slope in its middle: points nearby have one.
  remedy: ({ probe, bounds }) =>
    (probe.gradient?.nonFinite ?? 0) > 0 ? { straightThrough: true, saturating: true, smooth: 0.02 * spanOf(bounds) } : {},
  examine({ probe, runs }) {
    const seen = runs.flatMap(({ records }) => records).reduce((sum, { evidence }) => sum + evidence.nonFinite, 0);
    const gradients = probe.gradient?.nonFinite ?? 0;
    if (gradients > 0) return failed(`${percent(gradients)} of the gradients hold values that are no numbers`);
    if (probe.nonFiniteAnswers > 0)
      return failed(`${probe.nonFiniteAnswers} of ${probe.examples} answers hold values that are no numbers`);
    return seen > 0 ? failed(`${seen} answers during the attacks were no numbers`) : passed("all numbers were numbers");
  },
});
