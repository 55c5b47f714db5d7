import { z } from "zod";
import { rangeParams } from "../front/range.ts";
import { isPicture } from "../front/picture.ts";
import { median } from "../inputs/median.ts";
import { squeeze } from "../inputs/squeeze.ts";
import { apart, defineDetector } from "../watch/define.ts";

/**
 * Answers to what came and to squeezed copies of it, compared: a change that was made to fool the model seldom survives fewer levels or a median.
 * The largest distance counts. Xu, Evans and Qi 2018 (arXiv:1704.01155), section V, "joint detection".
 */
export const squeezeDetector = defineDetector({
  id: "squeeze",
  title: "answers to squeezed copies differ",
  params: z.strictObject({
    bits: z.int().min(1).max(16).default(3).describe("2^bits levels in the first copy"),
    median: z
      .int()
      .min(0)
      .max(5)
      .optional()
      .describe("side of the median's square in the second copy; 0 for none. Default 2 for pictures"),
    ...rangeParams,
  }),
  references: ["doi:10.14722/ndss.2018.23198", "atlas:AML.M0015"],

  suspicion({ params: { bits, low, high, median: size }, ...site }) {
    const { b, dims, probabilities, ask } = site;
    const side = size ?? (isPicture(dims) ? 2 : 0);
    const copies = [squeeze.apply({ ...site, params: { bits, low, high } })];
    if (side > 1) copies.push(median.apply({ ...site, params: { size: side } }));
    const [first, ...others] = copies.map((copy) => apart(b, probabilities, ask(copy)));
    return others.length === 0 ? first! : b.op("Max", [first!, ...others]);
  },
});
