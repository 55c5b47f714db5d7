import { z } from "zod";
import { defineAttack } from "../define.ts";
import { gather, scatter } from "../rows.ts";
import { linfPatches, linfProposal } from "../square/linf.ts";
import { l2Proposal } from "../square/l2.ts";
import { imageOf } from "../square/proposal.ts";
import { roundsAt } from "../square/squares.ts";
import { marginOf } from "../margin.ts";

/**
 * Random search over square patches, without any gradient. Andriushchenko et al. 2020 (arXiv:1912.00049), algorithms 1 to 3. What is no image is
 * searched in runs of neighbouring numbers.
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
    stretched: z
      .boolean()
      .default(true)
      .describe(
        "the share falls on the paper's schedule for 10,000 queries, stretched to those asked for; false takes it as it is",
      ),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1912.00049"],

  async *run(context) {
    const { batch, params, room, rowDims, rowSize } = context;
    const image = imageOf(rowDims);
    const proposal = (room.norm === "l2" ? l2Proposal : linfProposal)(context, image);
    const shareAt = (query: number): number => {
      const at = params.stretched ? Math.floor(((query - 1) / params.queries) * 10_000) : query - 1;
      return params.share / divisor(at);
    };
    for (let start = 0; start < params.restarts; start++) {
      context.restart();
      const best = batch.x.slice();
      const lead = new Float32Array(batch.size).fill(-Infinity);
      for (let query = 0; query < params.queries;) {
        const rows = context.standing();
        if (rows.length === 0) return;
        const tried = gather(best, rows, rowSize);
        const patches = (most: number) => {
          const rounds = Math.min(roundsAt(query), params.queries - query, most);
          const shares = Array.from({ length: rounds }, (_, round) => shareAt(query + round));
          return linfPatches(context, image, { rows: rows.length, shares });
        };
        const found = query === 0 ? undefined : await context.squares?.(rows, { x: tried, lead: gather(lead, rows, 1) }, patches);
        if (found !== undefined) {
          scatter(best, rows, found.x, rowSize);
          scatter(lead, rows, found.lead, 1);
          query += found.rounds;
          yield;
          continue;
        }
        for (const [place, row] of rows.entries()) {
          const view = tried.subarray(place * rowSize, (place + 1) * rowSize);
          if (query === 0) proposal.start(row, view);
          else proposal.next(row, view, shareAt(query));
        }
        const scores = await context.scores(rows, tried);
        for (const [place, row] of rows.entries()) {
          const now = -marginOf(context, row, scores.subarray(place * context.classes));
          if (!(now > lead[row]!)) continue;
          lead[row] = now;
          best.set(tried.subarray(place * rowSize, (place + 1) * rowSize), row * rowSize);
        }
        query++;
        yield;
      }
    }
  },
});

/** By how much the first share is divided after so many queries of 10,000. */
function divisor(at: number): number {
  const limits = [10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000];
  const passed = limits.findIndex((limit) => at <= limit);
  return 2 ** (passed < 0 ? 9 : passed);
}
