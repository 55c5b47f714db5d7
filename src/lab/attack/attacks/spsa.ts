import { z } from "zod";
import { defineAttack } from "../define.ts";
import { descendByEstimates } from "../estimate.ts";

/** Simultaneous perturbation stochastic approximation: all numbers move by ±σ at once. Uesato et al. 2018 (arXiv:1802.05666), section 4.2, after Spall 1992. */
export const spsa = defineAttack({
  id: "spsa",
  title: "Simultaneous perturbation",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2"],
  params: z.strictObject({
    steps: z.int().positive().default(50),
    pairs: z.int().positive().default(25),
    sigma: z.number().positive().default(0.01),
    stepSize: z.number().positive().optional().describe("default 5 ε / steps"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1802.05666"],
  async *run(context) {
    const { stepSize, ...params } = context.params;
    yield* descendByEstimates(context, {
      ...params,
      directions: "signs",
      stepSize: stepSize ?? (5 * context.epsilon) / params.steps,
    });
  },
});
