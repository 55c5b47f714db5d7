/** Attacks by way of another model: what fools a surrogate is tried on the target, one query each. Papernot et al. 2017 (arXiv:1602.02697). */
import { z } from "zod";
import type { Attack } from "../define.ts";
import { gather } from "../rows.ts";
import { ascend } from "../steps.ts";
import type { AttackTarget } from "../target.ts";
import { unsupported } from "../white/logits.ts";

const params = z.strictObject({
  steps: z.int().positive().default(40),
  stepSize: z.number().positive().optional().describe("default 2.5 ε / steps"),
  momentum: z
    .number()
    .min(0)
    .default(1)
    .describe("Dong et al. 2018 (arXiv:1710.06081): directions that are kept transfer better"),
  ask: z.int().positive().default(10).describe("steps between two questions to the target"),
});

/**
 * The attack through a surrogate: any white-box target with the same inputs and classes, best one trained on the target's own answers
 * (`modelkeep/train` on pairs of inputs and labels the target gave). Of the target only labels are needed.
 * @throws attack/unsupported-model when the surrogate gives no gradient
 * @example
 * const result = await runAttack(transferFrom(await openTarget(surrogate)), { target, x, labels, threat });
 */
export function transferFrom(surrogate: AttackTarget): Attack<z.infer<typeof params>> {
  const box = surrogate.whiteBox;
  if (box === undefined) throw unsupported("the surrogate gives no gradient", "train a network as surrogate");
  return {
    id: "transfer",
    title: `Transfer from ${surrogate.name}`,
    needs: "decisions",
    aim: "radius",
    norms: ["linf", "l2", "l1"],
    targeted: true,
    classes: 2,
    params,
    references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1602.02697"],
    async *run(context) {
      const { batch, epsilon, room, rowSize } = context;
      const { steps, momentum, ask } = context.params;
      if (surrogate.rowSize !== rowSize)
        throw unsupported(
          `the surrogate takes ${surrogate.rowSize} numbers, the target ${rowSize}`,
          "train it on the target's inputs",
        );
      const stepSize = context.params.stepSize ?? (2.5 * epsilon) / steps;
      const rows = context.standing();
      const x = gather(batch.x, rows, rowSize);
      const velocity = new Float32Array(x.length);
      const feed = { labels: gather(batch.labels, rows, 1), targets: batch.targets && gather(batch.targets, rows, 1) };
      for (let step = 1; step <= steps; step++) {
        const { gradient } = await box.gradient(
          feed.targets === undefined ? "margin" : "margin-targeted",
          { x, count: rows.length },
          feed,
        );
        for (let at = 0; at < x.length; at += rowSize) keepDirection(velocity, gradient, { at, rowSize, momentum });
        ascend(room, x, velocity, stepSize);
        context.project(rows, x);
        if (step % ask !== 0 && step !== steps) continue;
        const standing = new Set(context.standing(rows));
        const places = [...rows.keys()].filter((place) => standing.has(rows[place]!));
        if (places.length === 0) return;
        yield { rows: gather(rows, places, 1), x: gather(x, places, rowSize) };
      }
    },
  };
}

function keepDirection(
  velocity: Float32Array,
  gradient: Float32Array,
  { at, rowSize, momentum }: { readonly at: number; readonly rowSize: number; readonly momentum: number },
): void {
  let length = 0;
  for (let i = at; i < at + rowSize; i++) length += Math.abs(gradient[i]!);
  for (let i = at; i < at + rowSize; i++) velocity[i] = momentum * velocity[i]! + (length > 0 ? gradient[i]! / length : 0);
}
