import { spanOf } from "../../trials.ts";
import { defineAuditCheck, failed, notRun, passed, percent } from "../define.ts";

/** Below this share of the promised rise, or this cosine, gradients do not tell where the loss rises. Honest nets keep 0.6 and more. */
const [leastKept, leastAgreement] = [0.25, 0.2];

const shattered = (gradient: { kept: number; agreement: number } | undefined): boolean =>
  gradient !== undefined && (gradient.kept < leastKept || gradient.agreement < leastAgreement);

export const untrueGradients = defineAuditCheck({
  id: "untrue-gradients",
  title: "gradients tell the truth about the loss nearby",
  why: "a surface that jumps or wiggles has slopes that lead nowhere: gradients are there and useless (shattered gradients, Athalye et al. 2018; unstable predictions, Pintor et al. 2022)",
  fix: "nothing to do: attacks average gradients over points nearby; do not count on such a surface as a defence",
  references: ["doi:10.48550/arXiv.1802.00420", "doi:10.48550/arXiv.2106.09947"],
  remedy: ({ probe, bounds, target }) =>
    target.knowledge === "gradient" && shattered(probe.gradient)
      ? { straightThrough: true, waves: true, smooth: 0.02 * spanOf(bounds) }
      : {},
  examine({ probe: { gradient } }) {
    if (gradient === undefined) return notRun("no gradient reaches the input");
    const figures = `a step along the gradient keeps ${percent(gradient.kept)} of its promise, neighbours agree to ${gradient.agreement.toFixed(2)}`;
    return shattered(gradient) ? failed(figures) : passed(figures);
  },
});
