import { logarithmNote } from "../../../attack/index.ts";
import { defineAuditCheck, failed, handled, passed, percent } from "../define.ts";

export const probabilities = defineAuditCheck({
  id: "probabilities",
  title: "the attack works on logits",
  why: "the gradient of a probability vanishes where the model is sure: FGSM broke 47.7 % instead of 78.4 % of one model because of it (foolbox#108)",
  fix: "export the model without its Softmax; one at the very end is cut off by itself, and other probabilities are attacked by their logarithms",
  references: ["https://github.com/bethgelab/foolbox/issues/108", "doi:10.48550/arXiv.1608.04644"],
  remedy: ({ target, probe }) =>
    probe.probabilities || (probe.saturated > 0 && target.notes.includes(logarithmNote))
      ? { straightThrough: true, saturating: true }
      : {},
  examine({ target, probe }) {
    const cut = target.notes.find((note) => note.includes("was cut off"));
    // Who only sees scores compares them, and sees the same in any monotone scale.
    if (probe.probabilities && target.knowledge !== "gradient")
      return passed("the scores are probabilities, and no gradient of them is used");
    if (probe.probabilities) return failed("the scores are probabilities, and what makes them so could not be cut off");
    if (target.notes.includes(logarithmNote) && target.knowledge === "gradient")
      return probe.saturated === 0
        ? handled(logarithmNote)
        : failed(
            `${percent(probe.saturated)} of the answers give all but one class no probability at all: no logarithm has a slope there`,
          );
    return cut === undefined ? passed("the scores are logits") : handled(cut);
  },
});
