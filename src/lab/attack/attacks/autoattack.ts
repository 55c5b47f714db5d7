import { z } from "zod";
import type { AttackContext } from "../context.ts";
import { defineAttack } from "../define.ts";
import type { Candidates } from "../define.ts";
import { apgdCe, apgdTargeted } from "./apgd.ts";
import { fab } from "./fab.ts";
import { square } from "./square.ts";

/**
 * The standard ensemble of AutoAttack, with its fixed parameters: Auto-PGD on the cross-entropy, targeted Auto-PGD and targeted FAB on nine
 * classes each, Square with 5,000 queries; each on the examples that still stand. Croce and Hein 2020 (arXiv:2003.01690), section 5.
 */
export const autoattack = defineAttack({
  id: "autoattack",
  title: "AutoAttack, standard",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  targeted: false,
  params: z.strictObject({
    steps: z.int().positive().default(100),
    queries: z.int().positive().default(5000),
    targetClasses: z.int().positive().default(9),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.2003.01690"],

  async *run(context) {
    const { params, rivals, room } = context;
    const { steps, targetClasses } = params;
    yield* part(context, () => apgdCe.run(context.as(apgdCe.id, { steps, restarts: 1 })));
    if (rivals >= apgdTargeted.classes - 1) {
      yield* part(context, () => apgdTargeted.run(context.as(apgdTargeted.id, { steps, restarts: 1, targetClasses })));
    }
    yield* part(context, () => fab.run(context.as(fab.id, { steps, restarts: 1, targetClasses }, { free: true })));
    // Square has no form for l1; the reference's moves between windows of an l1 ball are not in the paper.
    if (room.norm !== "l1") {
      yield* part(context, () =>
        square.run(context.as(square.id, { queries: params.queries, share: 0.8, restarts: 1, stretched: false })),
      );
    }
  },
});

/** One part, while anything stands. */
async function* part(
  context: AttackContext,
  run: () => AsyncGenerator<Candidates | void, void, void>,
): AsyncGenerator<Candidates | void, void, void> {
  if (context.standing().length > 0) yield* run();
}
