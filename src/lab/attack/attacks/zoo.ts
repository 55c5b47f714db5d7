import { z } from "zod";
import { defineAttack } from "../define.ts";
import { marginOf } from "../margin.ts";
import { gather, repeated } from "../rows.ts";

/**
 * Zeroth-order optimisation: the loss of Carlini and Wagner, lowered by Adam on single numbers whose derivatives are measured by two queries
 * each. Chen et al. 2017 (arXiv:1708.03999), algorithm 2; the constant grows tenfold while an example stands.
 */
export const zoo = defineAttack({
  id: "zoo",
  title: "Zeroth-order optimisation",
  needs: "scores",
  aim: "distance",
  norms: ["l2"],
  params: z.strictObject({
    steps: z.int().positive().default(200),
    numbers: z.int().positive().default(64).describe("numbers measured in one step"),
    learningRate: z.number().positive().default(0.1),
    difference: z.number().positive().default(0.01),
    startConstant: z.number().positive().default(1),
  }),
  references: ["atlas:AML.T0043", "doi:10.48550/arXiv.1708.03999"],

  async *run(context) {
    const { batch, params, rng, rowSize, classes, room } = context;
    const x = batch.x.slice();
    const [first, second, times] = [new Float32Array(x.length), new Float32Array(x.length), new Uint32Array(x.length)];
    const constant = new Float64Array(batch.size).fill(params.startConstant);
    const count = Math.min(params.numbers, rowSize);
    for (let step = 0; step < params.steps; step++) {
      const rows = context.standing();
      if (rows.length === 0) return;
      const numbers = Uint32Array.from({ length: rows.length * count }, () => rng.below(rowSize));
      const points = new Float32Array(2 * numbers.length * rowSize);
      for (const [i, number] of numbers.entries()) {
        const row = rows[Math.floor(i / count)]!;
        const own = x.subarray(row * rowSize, (row + 1) * rowSize);
        for (const side of [0, 1]) {
          points.set(own, (2 * i + side) * rowSize);
          points[(2 * i + side) * rowSize + number]! += side === 0 ? params.difference : -params.difference;
        }
      }
      const scores = await context.scores(repeated(rows, 2 * count), points);
      for (const [i, number] of numbers.entries()) {
        const row = rows[Math.floor(i / count)]!;
        const [up, down] = [0, 1].map((side) =>
          Math.max(0, marginOf(context, row, scores.subarray((2 * i + side) * classes))),
        ) as [number, number];
        const k = row * rowSize + number;
        const gradient = 2 * (x[k]! - batch.x[k]!) + (constant[row]! * (up - down)) / (2 * params.difference);
        if (!Number.isFinite(gradient)) continue;
        const t = ++times[k]!;
        first[k] = 0.9 * first[k]! + 0.1 * gradient;
        second[k] = 0.999 * second[k]! + 0.001 * gradient * gradient;
        const change = (params.learningRate * first[k]!) / (1 - 0.9 ** t) / (Math.sqrt(second[k]! / (1 - 0.999 ** t)) + 1e-8);
        x[k] = Math.min(Math.max(x[k]! - change, room.low[number]!), room.high[number]!);
      }
      // Halfway without a wrong answer: the constant was too small.
      if (step > 0 && step % Math.ceil(params.steps / 4) === 0)
        for (const row of rows) if (context.nearest(row).distance === Infinity) constant[row]! *= 10;
      const standing = context.standing(rows);
      yield { rows: standing, x: gather(x, standing, rowSize) };
    }
  },
});
