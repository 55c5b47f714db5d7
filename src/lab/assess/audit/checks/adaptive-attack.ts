import { defineAuditCheck, failed, passed, percent } from "../define.ts";

export const adaptiveAttack = defineAuditCheck({
  id: "adaptive-attack",
  title: "a defence was attacked as one who knows it would",
  why: "what stops an attack that does not know of it, stops nobody who does (Tramer et al. 2020): where a defence is present the figure is an upper bound",
  fix: "count the adaptive figure, and prefer training or certificates to tricks of the gradient",
  references: ["doi:10.48550/arXiv.2002.08347"],
  examine({ adaptive, runs, target }) {
    if (adaptive === undefined) return passed("nothing in the model or in its answers calls for another attack");
    if (!adaptive.possible && target.knowledge !== "gradient")
      return failed("the target only answers: a defence inside it cannot be seen, only be asked around");
    if (!adaptive.possible)
      return failed("no gradient reaches the input, also through stand-ins: only attacks without gradients were run");
    const before = runs.flatMap(({ norm, records, standings }) => {
      const plain = records.findLast(({ view }) => view === "plain");
      return standings.epsilons.map((epsilon, level) => ({
        norm,
        epsilon,
        plain: plain?.after[level],
        now: records.at(-1)?.after[level],
      }));
    });
    const figures = before
      .filter(({ plain, now }) => plain !== undefined && now !== undefined)
      .map(({ norm, epsilon, plain, now }) => `${norm} ${epsilon}: ${percent(plain!)} → ${percent(now!)}`);
    const steps = adaptive.steps.length === 0 ? "the same gradients, for longer" : adaptive.steps.join("; ");
    return failed(`${steps}. Before and after: ${figures.join(", ")}`);
  },
});
