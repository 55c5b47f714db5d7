import { defineAuditCheck, failed, handled, passed, percent } from "../define.ts";

/** Differences of logits beyond which exp() of them is nothing in float32, and below which all classes look alike. */
const [steep, flat] = [60, 1e-3];

export const vanishingGradients = defineAuditCheck({
  id: "vanishing-gradients",
  title: "the loss has a slope",
  why: "logits that are very large, or activations that saturate, make the gradient exactly zero in floating point: the attack stands still and the model looks robust (Carlini and Wagner 2016 on defensive distillation)",
  fix: "nothing to do: attacks scale the logits and use losses that do not saturate; do not count on temperature as a defence",
  references: ["doi:10.48550/arXiv.1607.04311", "doi:10.48550/arXiv.1802.00420"],
  remedy({ probe: { margin, gradient } }) {
    const scale = margin > steep || margin < flat ? { scale: Math.max(margin, 1e-30) / 4 } : {};
    const vanish = gradient !== undefined && gradient.zeroMargin > 0.02;
    return { ...scale, ...(vanish ? { straightThrough: true, saturating: true } : {}) };
  },
  examine({ probe: { margin, gradient } }) {
    if (gradient === undefined) return passed("no gradient is used");
    const { zeroMargin, zeroCrossEntropy } = gradient;
    if (zeroMargin > 0.02) return failed(`the gradient is zero everywhere at ${percent(zeroMargin)} of the examples`);
    if (zeroCrossEntropy > 0.02 || margin > steep) {
      return failed(
        `the cross-entropy has no slope at ${percent(zeroCrossEntropy)} of the examples: logits differ by ${Number(margin.toPrecision(3))}; attacked again with scaled logits`,
      );
    }
    return margin < flat
      ? handled(`logits differ by ${margin.toPrecision(2)} only: scaled`)
      : passed("the gradient is zero nowhere");
  },
});
