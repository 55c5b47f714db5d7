import { defineAuditCheck, failed, passed } from "../define.ts";
import type { Outcome } from "../define.ts";

/** One step, or no gradients: quick looks that show no robustness. */
const quickLooks = new Set(["fgsm", "gaussian-noise", "corruption"]);

export const attacksRun = defineAuditCheck({
  id: "attacks-run",
  title: "strong attacks were run to their end",
  why: "what was not tried is not known: one step, a black box, or a run that was cut short gives an upper bound",
  fix: "give it time (`--budget`), and `--attacks auto` or `autoattack`",
  references: ["doi:10.48550/arXiv.1902.06705"],
  examine({ runs, target, stopped }) {
    const outcomes: Outcome[] = [];
    if (stopped !== undefined) outcomes.push(failed(`the run ended early: ${stopped}`));
    if (target.knowledge !== "gradient")
      outcomes.push(failed(`the target tells ${target.knowledge} only: an attacker who has the model can do more`));
    for (const { norm, records, left } of runs) {
      const cut = records.filter((record) => record.stopped !== undefined && record.stopped.reason !== "budget");
      const strong = records.some(({ id, needs, view }) => needs === "gradient" && !quickLooks.has(id) && view === "plain");
      if (left.length + cut.length > 0)
        outcomes.push(
          failed(`not run to the end: ${[...cut.map(({ key }) => key), ...left.map(({ id }) => id)].join(", ")}`, { norm }),
        );
      if (target.knowledge === "gradient" && !strong)
        outcomes.push(failed("no iterative attack by gradients was among the attacks", { norm }));
    }
    return outcomes.length > 0 ? outcomes : passed("iterative attacks by gradients ran to their end");
  },
});
