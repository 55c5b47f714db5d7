import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { farL2, findStarts, toBoundary } from "../decision/boundary.ts";
import { normals } from "../noise.ts";
import { gather } from "../rows.ts";

/**
 * The boundary attack: a random walk along the boundary, each step first around the example, then towards it; both step lengths follow their
 * rate of success. Brendel et al. 2018 (arXiv:1712.04248), algorithm 1.
 */
export const boundary = defineAttack({
  id: "boundary",
  title: "Boundary",
  needs: "decisions",
  aim: "distance",
  norms: ["l2"],
  params: z.strictObject({
    steps: z.int().positive().default(2500).describe("of two queries each at most"),
    sphericalStep: z.number().positive().default(0.01),
    sourceStep: z.number().positive().default(0.01),
    starts: z.int().positive().default(50).describe("tries to find a first wrong answer"),
  }),
  references: ["atlas:AML.T0042", "doi:10.48550/arXiv.1712.04248"],

  async *run(context) {
    const { params, rowSize } = context;
    const starts = await findStarts(context, params.starts);
    const x = await toBoundary(context, starts, 0.01);
    const walk = starts.rows.reduce((most, row) => Math.max(most, row + 1), 0);
    const sizes = {
      spherical: new Float64Array(walk).fill(params.sphericalStep),
      source: new Float64Array(walk).fill(params.sourceStep),
    };
    const tally = { spherical: new Float64Array(walk).fill(0.5), both: new Float64Array(walk).fill(0.25) };
    const current = new Float32Array(walk * rowSize);
    for (const [place, row] of starts.rows.entries())
      current.set(x.subarray(place * rowSize, (place + 1) * rowSize), row * rowSize);
    for (let step = 0; step < params.steps; step++) {
      const rows = context.standing(starts.rows);
      if (rows.length === 0) return;
      const around = new Float32Array(rows.length * rowSize);
      for (const [place, row] of rows.entries()) {
        around.set(
          orthogonalStep(context, row, current.subarray(row * rowSize, (row + 1) * rowSize), sizes.spherical[row]!),
          place * rowSize,
        );
      }
      const first = await context.decide(rows, around);
      const passed = [...rows.keys()].filter((place) => context.wins(rows[place]!, first[place]!));
      for (const [place, row] of rows.entries())
        adapt(sizes.spherical, tally.spherical, row, { won: passed.includes(place), wanted: 0.5 });
      const on = context.standing(gather(rows, passed, 1));
      if (on.length > 0) {
        const nearer = new Float32Array(on.length * rowSize);
        for (const [i, row] of on.entries()) {
          const from = around.subarray(rows.indexOf(row) * rowSize);
          for (let k = 0; k < rowSize; k++)
            nearer[i * rowSize + k] = from[k]! + sizes.source[row]! * (context.batch.x[row * rowSize + k]! - from[k]!);
        }
        const second = await context.decide(on, nearer);
        for (const [i, row] of on.entries()) {
          const won = context.wins(row, second[i]!);
          adapt(sizes.source, tally.both, row, { won, wanted: 0.25 });
          if (won) current.set(nearer.subarray(i * rowSize, (i + 1) * rowSize), row * rowSize);
        }
      }
      yield;
    }
  },
});

/** A random step on the sphere around the example, of a length in proportion to the distance. */
function orthogonalStep(context: AttackContext, row: number, x: Float32Array, size: number): Float32Array {
  const { batch, rng, rowSize } = context;
  const far = farL2(context, x, row);
  const noise = normals(rng, rowSize);
  let along = 0;
  for (let i = 0; i < rowSize; i++) along += (noise[i]! * (batch.x[row * rowSize + i]! - x[i]!)) / Math.max(far, 1e-12);
  let length = 0;
  for (let i = 0; i < rowSize; i++) {
    noise[i]! -= (along * (batch.x[row * rowSize + i]! - x[i]!)) / Math.max(far, 1e-12);
    length += noise[i]! * noise[i]!;
  }
  const scale = (size * far) / Math.max(Math.sqrt(length), 1e-12);
  const back = 1 / Math.sqrt(1 + size * size);
  return Float32Array.from(noise, (value, i) => {
    const from = batch.x[row * rowSize + i]!;
    return from + (x[i]! + value * scale - from) * back;
  });
}

/** Steps grow while more than the wanted share succeed, and shrink below it. */
function adapt(
  sizes: Float64Array,
  rates: Float64Array,
  row: number,
  { won, wanted }: { readonly won: boolean; readonly wanted: number },
): void {
  rates[row] = 0.9 * rates[row]! + (won ? 0.1 : 0);
  if (rates[row]! > wanted * 1.2) sizes[row] = Math.min(sizes[row]! * 1.05, 0.9);
  else if (rates[row]! < wanted * 0.8) sizes[row]! /= 1.05;
}
