import { z } from "zod";
import { shuffle } from "../../../base/math/index.ts";
import { defineAttack } from "../define.ts";
import { marginOf } from "../margin.ts";
import { gather } from "../rows.ts";

/** Simple black-box attack: one number after another moves up or down, whichever lowers the margin. Guo et al. 2019 (arXiv:1905.07121), algorithm 1, in the pixel basis. */
export const simba = defineAttack({
  id: "simba",
  title: "SimBA",
  needs: "scores",
  aim: "radius",
  norms: ["linf", "l2", "l0"],
  params: z.strictObject({
    steps: z.int().positive().default(1000).describe("numbers tried, of two queries each at most"),
    stepSize: z.number().positive().optional().describe("default ε for linf, 0.2 for l2, the whole range for l0"),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1905.07121"],

  async *run(context) {
    const { batch, params, room, epsilon, rng, rowSize } = context;
    const size = params.stepSize ?? { linf: epsilon, l2: 0.2, l0: 1, l1: epsilon }[room.norm];
    const best = batch.x.slice();
    const least = new Float64Array(batch.size).fill(Infinity);
    const everyNumber = (): Uint32Array =>
      shuffle(
        Uint32Array.from({ length: rowSize }, (_, i) => i),
        rng,
      );
    const orders = Array.from({ length: batch.size }, everyNumber);
    const ask = async (rows: Int32Array, x: Float32Array): Promise<Int32Array> => {
      const scores = await context.scores(rows, x);
      return rows.filter((row, place) => {
        const margin = marginOf(context, row, scores.subarray(place * context.classes));
        if (!(margin < least[row]!)) return false;
        least[row] = margin;
        best.set(x.subarray(place * rowSize, (place + 1) * rowSize), row * rowSize);
        return true;
      });
    };
    const everyone = context.standing();
    await ask(everyone, gather(best, everyone, rowSize));
    for (let step = 0; step < params.steps; step++) {
      let rows = context.standing();
      for (const sign of [1, -1]) {
        if (rows.length === 0) break;
        const x = gather(best, rows, rowSize);
        for (const [place, row] of rows.entries()) x[place * rowSize + orders[row]![step % rowSize]!]! += sign * size;
        const better = new Set(await ask(rows, x));
        rows = context.standing(rows.filter((row) => !better.has(row)));
      }
      if (context.standing().length === 0) return;
      yield;
    }
  },
});
