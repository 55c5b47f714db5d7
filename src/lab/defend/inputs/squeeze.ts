import { z } from "zod";
import { defineDefence } from "../front/define.ts";
import { rangeParams, shrink, stretch } from "../front/range.ts";

/** Fewer levels for each value: what lies between two levels is rounded to one. Xu, Evans and Qi 2018 (arXiv:1704.01155), section II.A. */
export const squeeze = defineDefence({
  id: "squeeze",
  title: "fewer levels for each value",
  params: z.strictObject({
    bits: z.int().min(1).max(16).default(3).describe("2^bits levels"),
    ...rangeParams,
  }),
  references: ["doi:10.14722/ndss.2018.23198", "atlas:AML.M0015"],

  apply({ b, x, params: { bits, low, high } }) {
    const scale = { low, high, top: 2 ** bits - 1 };
    return shrink(b, b.op("Round", [stretch(b, x, scale)]), scale);
  },
});
