import { z } from "zod";
import type { TrainHooks } from "../../../../model/train/index.ts";
import { defineHardening } from "../define.ts";
import { createSearch, startOf } from "../search.ts";
import { lines, slopeAt } from "../slope.ts";

/**
 * One signed step from a random point (Wong et al. 2020, arXiv:2001.03994). A net can learn to be flat only where that step begins; the cosine
 * between its gradients at an example and at a random point nearby keeps it from that (Andriushchenko and Flammarion 2020, arXiv:2007.02617, eq. 5).
 */
export const fast = defineHardening({
  id: "fast",
  title: "one step from a random point, with aligned gradients",
  norms: ["linf", "l2"],
  params: z.strictObject({
    stepSize: z.number().positive().optional().describe("in input units; default 1.25 ε"),
    alignment: z.number().min(0).default(0.2).describe("how much gradients must agree; 0 leaves the term out"),
  }),
  recipe: { optimizer: "adam", lr: 2e-3, schedule: "one-cycle", batch: 128, epochs: 15 },
  references: ["doi:10.48550/arXiv.2001.03994", "doi:10.48550/arXiv.2007.02617"],

  hooks({ classifier, threat, params, radius }) {
    const search = createSearch(classifier, threat, "cross-entropy");
    const perturbed: TrainHooks = {
      async perturb(batch, context) {
        const epsilon = radius(context.step);
        const stepSize = ((params.stepSize ?? 1.25 * threat.epsilon) * epsilon) / threat.epsilon;
        const found = await search(batch, context, { epsilon, steps: 1, stepSize });
        const origin = batch.inputs[classifier.input]!;
        const inputs = { ...batch.inputs, [classifier.input]: found };
        if (params.alignment === 0) return { ...batch, inputs };
        return { ...batch, inputs, extra: { "fast/here": origin, "fast/near": startOf(origin, threat, epsilon, context) } };
      },
    };
    if (params.alignment === 0) return perturbed;
    return {
      ...perturbed,
      term(site) {
        const { b, batch, extra } = site;
        const slope = (name: string): string =>
          lines(b, slopeAt(site, extra(name, "float32", [batch, ...classifier.rowDims])), batch);
        const [here, near] = [slope("fast/here"), slope("fast/near")];
        const sum = (x: string): string => b.op("ReduceSum", [x, b.ints([1])], { keepdims: 0 });
        const lengths = b.op("Mul", [sum(b.op("Mul", [here, here])), sum(b.op("Mul", [near, near]))]);
        // The root of 0 has no derivative; gradients of confident answers are that small.
        const cosine = b.op("Div", [
          sum(b.op("Mul", [here, near])),
          b.op("Sqrt", [b.op("Add", [lengths, b.scalar("float32", 1e-20)])]),
        ]);
        const apart = b.op("Sub", [b.scalar("float32", 1), b.op("ReduceMean", [cosine], { keepdims: 0 })]);
        return b.op("Mul", [apart, b.scalar("float32", params.alignment)]);
      },
    };
  },
});
