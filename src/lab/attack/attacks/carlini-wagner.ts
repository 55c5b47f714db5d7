import { z } from "zod";
import { defineAttack } from "../define.ts";
import { createCarliniSearch } from "../carlini/search.ts";

/**
 * The attack of Carlini and Wagner 2017 (arXiv:1608.04644), section VI: Adam in tanh space on ‖x′ − x‖² + c · f(x′), a search over c for each
 * example. An example leaves a search step once its loss has stopped falling, and all of it counts: every point on the way is judged.
 */
export const carliniWagner = defineAttack({
  id: "carlini-wagner",
  title: "Carlini and Wagner",
  needs: "gradient",
  aim: "distance",
  norms: ["l2"],
  params: z.strictObject({
    searchSteps: z.int().positive().default(9).describe("values of c tried"),
    steps: z.int().positive().default(1000),
    learningRate: z.number().positive().default(0.01),
    startConstant: z.number().positive().default(1e-3).describe("the first c; grows tenfold until it is enough"),
    confidence: z.number().min(0).default(0).describe("κ: by how much the wrong logit must lead"),
    abortEarly: z.boolean().default(true),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1608.04644"],

  async *run(context) {
    const { params } = context;
    const search = createCarliniSearch(context, params.startConstant);
    for (let round = 0; round < params.searchSteps; round++) {
      context.restart();
      yield* search.descend(params);
      search.next();
    }
  },
});
