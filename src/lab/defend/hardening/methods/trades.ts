import { z } from "zod";
import { defineHardening } from "../define.ts";
import { createSearch } from "../search.ts";

/**
 * TRADES (Zhang et al. 2019, arXiv:1901.08573, eq. 5): the loss of the examples as they are, and how far the answer moves around each of them.
 * Of both answers the divergence is differentiated, as the authors' code does.
 */
export const trades = defineHardening({
  id: "trades",
  title: "TRADES: accuracy, and answers that stay the same nearby",
  norms: ["linf", "l2"],
  params: z.strictObject({
    steps: z.int().positive().default(10),
    stepSize: z.number().positive().optional().describe("in input units; default 2.5 ε / steps"),
    beta: z.number().positive().default(6).describe("how much staying the same counts beside being right"),
  }),
  recipe: { optimizer: "adam", lr: 2e-3, schedule: "one-cycle", batch: 128, epochs: 20 },
  references: ["doi:10.48550/arXiv.1901.08573"],

  hooks({ classifier, threat, params, radius }) {
    const search = createSearch(classifier, threat, "kl");
    return {
      async perturb(batch, context) {
        const epsilon = radius(context.step);
        const stepSize = ((params.stepSize ?? (2.5 * threat.epsilon) / params.steps) * epsilon) / threat.epsilon;
        const found = await search(batch, context, { epsilon, steps: params.steps, stepSize });
        return { ...batch, extra: { "trades/near": found } };
      },
      term({ b, batch, output, apply, extra }) {
        const near = apply({ [classifier.input]: extra("trades/near", "float32", [batch, ...classifier.rowDims]) });
        const log = (logits: string): string => b.op("LogSoftmax", [logits], { axis: 1 });
        const [here, there] = [log(output), log(near)];
        const moved = b.op("Mul", [b.op("Exp", [here]), b.op("Sub", [here, there])]);
        const divergence = b.op("ReduceSum", [moved], { keepdims: 0 });
        return b.op("Mul", [divergence, b.scalar("float32", params.beta / batch)]);
      },
    };
  },
});
