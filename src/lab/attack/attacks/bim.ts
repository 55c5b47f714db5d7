import { z } from "zod";
import { defineAttack } from "../define.ts";
import { pgd } from "./pgd.ts";

/** The basic iterative method: projected gradient steps from the example itself. Kurakin et al. 2017 (arXiv:1607.02533), eq. 2. */
export const bim = defineAttack({
  id: "bim",
  title: "Basic iterative method",
  needs: "gradient",
  aim: "radius",
  norms: ["linf", "l2", "l1"],
  params: z.strictObject({
    steps: z.int().positive().default(10),
    stepSize: z.number().positive().optional().describe("per step, in input units; default 2.5 ε / steps"),
    momentum: z.number().min(0).max(1).default(0).describe("1 is the momentum iterative method"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1607.02533"],
  run: (context) =>
    pgd.run(context.as("bim", { ...context.params, restarts: 1, randomStart: false, loss: "cross-entropy" as const })),
});
