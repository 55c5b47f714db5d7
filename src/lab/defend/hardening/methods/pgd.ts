import { z } from "zod";
import { defineHardening } from "../define.ts";
import { createSearch } from "../search.ts";

/** Training on the worst examples that projected gradient descent finds (Madry et al. 2018, arXiv:1706.06083, section 2). */
export const pgdTraining = defineHardening({
  id: "pgd",
  title: "adversarial training with projected gradient descent",
  norms: ["linf", "l2"],
  params: z.strictObject({
    steps: z.int().positive().default(10),
    stepSize: z.number().positive().optional().describe("in input units; default 2.5 ε / steps"),
  }),
  recipe: { optimizer: "adam", lr: 2e-3, schedule: "one-cycle", batch: 128, epochs: 20 },
  references: ["doi:10.48550/arXiv.1706.06083"],

  hooks({ classifier, threat, params, radius }) {
    const search = createSearch(classifier, threat, "cross-entropy");
    return {
      async perturb(batch, context) {
        const epsilon = radius(context.step);
        const stepSize = ((params.stepSize ?? (2.5 * threat.epsilon) / params.steps) * epsilon) / threat.epsilon;
        const found = await search(batch, context, { epsilon, steps: params.steps, stepSize });
        return { ...batch, inputs: { ...batch.inputs, [classifier.input]: found } };
      },
    };
  },
});
