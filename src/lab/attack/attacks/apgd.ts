import { z } from "zod";
import { apgdStarts, rankedRivals } from "../apgd/starts.ts";
import { defineAttack } from "../define.ts";

const params = z.strictObject({
  steps: z.int().positive().default(100),
  restarts: z.int().positive().default(1),
});

/** Auto-PGD on the cross-entropy. Croce and Hein 2020 (arXiv:2003.01690), algorithm 1. */
export const apgdCe = defineAttack({
  id: "apgd-ce",
  title: "Auto-PGD, cross-entropy",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  params,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2003.01690"],
  async *run(context) {
    const loss = context.batch.targets === undefined ? "cross-entropy" : "cross-entropy-targeted";
    yield* apgdStarts(context, { loss, ...context.params });
  },
});

/** Auto-PGD on the difference-of-logits ratio, which does not change when logits are scaled. Croce and Hein 2020, eq. 6. */
export const apgdDlr = defineAttack({
  id: "apgd-dlr",
  title: "Auto-PGD, difference of logits ratio",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  targeted: false,
  classes: 3,
  params,
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2003.01690"],
  async *run(context) {
    yield* apgdStarts(context, { loss: "dlr", ...context.params });
  },
});

/** Auto-PGD towards each of the most promising wrong classes in turn. Croce and Hein 2020, eq. 7. */
export const apgdTargeted = defineAttack({
  id: "apgd-t",
  title: "Auto-PGD, targeted difference of logits ratio",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  targeted: false,
  classes: 4,
  params: params.extend({ targetClasses: z.int().positive().default(9) }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2003.01690"],
  async *run(context) {
    const { batch, rivals, params: chosen } = context;
    const everyRow = Int32Array.from({ length: batch.size }, (_, row) => row);
    const ranked = await rankedRivals(context);
    for (let rank = 0; rank < Math.min(chosen.targetClasses, rivals); rank++) {
      const targets = everyRow.map((row) => ranked[row * rivals + rank]!);
      yield* apgdStarts(context, { loss: "dlr-targeted", steps: chosen.steps, restarts: chosen.restarts, targets });
    }
  },
});
