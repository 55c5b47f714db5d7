import { z } from "zod";
import { tensorOf } from "../../../../model/onnx/index.ts";
import { defineHardening } from "../define.ts";
import { lines, slopeAt } from "../slope.ts";

/**
 * The loss, and how much it can rise within the radius to first order: ε times the dual norm of its gradient by the input (Simon-Gabriel et al.
 * 2019, arXiv:1802.01421, eq. 4; double backpropagation after Drucker and Le Cun 1992). No examples are looked for; a second derivative is taken.
 * It helps at small radii; at large ones the loss is not straight, and searching is what works.
 */
export const gradientPenalty = defineHardening({
  id: "gradient-penalty",
  title: "a penalty on the gradient of the loss by the input",
  norms: ["linf", "l2"],
  params: z.strictObject({
    weight: z.number().positive().default(1).describe("1: the loss at first order in the radius"),
  }),
  recipe: { optimizer: "adam", lr: 2e-3, schedule: "one-cycle", batch: 128, epochs: 15 },
  references: ["doi:10.48550/arXiv.1802.01421"],

  hooks({ classifier, threat, params, radius }) {
    return {
      perturb: (batch, { step }) => ({ ...batch, extra: { "penalty/radius": tensorOf("float32", [], [radius(step)]) } }),
      term(site) {
        const { b, batch, extra } = site;
        const slope = lines(b, slopeAt(site, classifier.input), batch);
        const axes = b.ints([1]);
        const length =
          threat.norm === "linf"
            ? b.op("ReduceSum", [b.op("Abs", [slope]), axes], { keepdims: 0 })
            : b.op("Sqrt", [
                b.op("Add", [
                  b.op("ReduceSum", [b.op("Mul", [slope, slope]), axes], { keepdims: 0 }),
                  b.scalar("float32", 1e-12),
                ]),
              ]);
        const rise = b.op("Mul", [b.op("ReduceMean", [length], { keepdims: 0 }), extra("penalty/radius", "float32", [])]);
        return b.op("Mul", [rise, b.scalar("float32", params.weight)]);
      },
    };
  },
});
