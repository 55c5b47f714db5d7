import { z } from "zod";
import { defineAttack } from "../define.ts";
import { descendByEstimates } from "../estimate.ts";

/** Natural evolution strategies: projected steps along gradients that are estimated with Gaussian directions. Ilyas et al. 2018 (arXiv:1804.08598), algorithm 1. */
export const nes = defineAttack({
  id: "nes",
  title: "Natural evolution strategies",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2"],
  params: z.strictObject({
    steps: z.int().positive().default(50),
    pairs: z.int().positive().default(25),
    sigma: z.number().positive().default(0.01),
    stepSize: z.number().positive().optional().describe("default 5 ε / steps"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1804.08598"],
  async *run(context) {
    const { stepSize, ...params } = context.params;
    yield* descendByEstimates(context, {
      ...params,
      directions: "gaussian",
      stepSize: stepSize ?? (5 * context.epsilon) / params.steps,
    });
  },
});
