import { z } from "zod";
import { defineAttack } from "../define.ts";
import { ascend } from "../steps.ts";

/** Fast gradient sign method. Goodfellow et al. 2015 (arXiv:1412.6572), section 4; for l2 and l1 the steepest step of that norm. */
export const fgsm = defineAttack({
  id: "fgsm",
  title: "Fast gradient sign method",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  params: z.strictObject({}),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1412.6572"],

  async *run({ batch, epsilon, room, gradient, standing }) {
    const rows = standing();
    const x = batch.x.slice();
    const loss = batch.targets === undefined ? "cross-entropy" : "cross-entropy-targeted";
    const answer = await gradient(loss, rows, x);
    ascend(room, x, answer.gradient, epsilon);
    yield { rows, x };
  },
});
