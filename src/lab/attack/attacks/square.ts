import { z } from "zod";
import { defineAttack } from "../define.ts";
import { gather } from "../rows.ts";
import { linfProposal } from "../square/linf.ts";
import { l2Proposal } from "../square/l2.ts";
import { imageOf } from "../square/proposal.ts";
import { marginOf } from "../margin.ts";

/**
 * Random search over square patches, without any gradient. Andriushchenko et al. 2020 (arXiv:1912.00049), algorithms 1 to 3; the share of the
 * image that changes falls on the paper's schedule for 10,000 queries, stretched to the number of queries here. What is no image is searched
 * in runs of neighbouring numbers.
 */
export const square = defineAttack({
  id: "square",
  title: "Square",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2"],
  params: z.strictObject({
    queries: z.int().positive().default(5000),
    share: z.number().positive().max(1).default(0.8).describe("part of the image that changes at first"),
    restarts: z.int().positive().default(1),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1912.00049"],

  async *run(context) {
    const { batch, params, room, rowDims, rowSize } = context;
    const proposal = (room.norm === "l2" ? l2Proposal : linfProposal)(context, imageOf(rowDims));
    for (let start = 0; start < params.restarts; start++) {
      context.restart();
      const best = batch.x.slice();
      const least = new Float64Array(batch.size).fill(Infinity);
      for (let query = 0; query < params.queries; query++) {
        const rows = context.standing();
        if (rows.length === 0) return;
        const tried = gather(best, rows, rowSize);
        for (const [place, row] of rows.entries()) {
          const view = tried.subarray(place * rowSize, (place + 1) * rowSize);
          if (query === 0) proposal.start(row, view);
          else proposal.next(row, view, params.share / divisor((query - 1) / params.queries));
        }
        const scores = await context.scores(rows, tried);
        for (const [place, row] of rows.entries()) {
          const margin = marginOf(context, row, scores.subarray(place * context.classes));
          if (!(margin < least[row]!)) continue;
          least[row] = margin;
          best.set(tried.subarray(place * rowSize, (place + 1) * rowSize), row * rowSize);
        }
        yield;
      }
    }
  },
});

/** By how much the first share is divided after a part of all queries. */
function divisor(part: number): number {
  const at = Math.floor(part * 10_000);
  const limits = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
  const passed = limits.findIndex((limit) => at <= limit);
  return 2 ** (passed < 0 ? 9 : passed);
}
