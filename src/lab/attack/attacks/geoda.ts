import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { findStarts, toBoundary } from "../decision/boundary.ts";
import { normals } from "../noise.ts";
import { gather, repeated } from "../rows.ts";

/**
 * GeoDA: takes the boundary for flat, estimates its normal from labels, and walks from the example along that normal until the answer changes;
 * more queries for each round. Rahmati et al. 2020 (arXiv:2003.06468), algorithm 1.
 */
export const geoda = defineAttack({
  id: "geoda",
  title: "GeoDA",
  needs: "decisions",
  aim: "distance",
  norms: ["l2", "linf"],
  params: z.strictObject({
    rounds: z.int().positive().default(6),
    samples: z
      .int()
      .positive()
      .default(2000)
      .describe("labels for all normals together; round i gets a share that grows as λ^(−2i/3)"),
    lambda: z.number().positive().max(1).default(0.6),
    spread: z.number().positive().default(0.02).describe("of the random points, per number, as a part of the bounds"),
    starts: z.int().positive().default(50),
  }),
  references: ["atlas:AML.T0042", "doi:10.48550/arXiv.2003.06468"],

  async *run(context) {
    const { params, rowSize } = context;
    const starts = await findStarts(context, params.starts);
    const shares = Array.from({ length: params.rounds }, (_, i) => params.lambda ** ((-2 * i) / 3));
    const all = shares.reduce((a, b) => a + b, 0);
    let { rows } = starts;
    let x = await toBoundary(context, starts, 1e-3);
    yield;
    for (const share of shares) {
      const standing = context.standing(rows);
      const places = [...rows.keys()].filter((place) => standing.includes(rows[place]!));
      [rows, x] = [standing, gather(x, places, rowSize)];
      if (rows.length === 0) return;
      const normal = await estimate(context, { rows, x, samples: Math.max(2, Math.round((params.samples * share) / all)) });
      x = await alongNormal(context, { rows, x, normal });
      yield;
    }
  },
});

interface At {
  readonly rows: Int32Array;
  readonly x: Float32Array;
}

/** Eq. 7: random directions, each with the sign of its answer. */
async function estimate(
  context: AttackContext<{ readonly spread: number }>,
  { rows, x, samples }: At & { readonly samples: number },
): Promise<Float32Array> {
  const { rowSize, rng, room, params } = context;
  const out = new Float32Array(x.length);
  const size = Float32Array.from({ length: rowSize }, (_, i) => {
    const width = room.high[i]! - room.low[i]!;
    return params.spread * (Number.isFinite(width) ? width : 1);
  });
  const together = Math.max(1, Math.floor(2 ** 22 / rowSize));
  for (const [place, row] of rows.entries()) {
    for (let done = 0; done < samples; done += together) {
      const count = Math.min(together, samples - done);
      const noise = normals(rng, count * rowSize);
      const points = new Float32Array(noise.length);
      for (let i = 0; i < noise.length; i++) points[i] = x[place * rowSize + (i % rowSize)]! + noise[i]! * size[i % rowSize]!;
      const labels = await context.decide(repeated(Int32Array.of(row), count), points);
      for (const [sample, label] of labels.entries()) {
        const sign = context.wins(row, label) ? 1 : -1;
        for (let i = 0; i < rowSize; i++) out[place * rowSize + i]! += sign * noise[sample * rowSize + i]! * size[i]!;
      }
    }
  }
  return out;
}

/** From the example along the normal (its signs, for linf) until the answer changes, then back to the boundary; the old point where it never does. */
async function alongNormal(
  context: AttackContext,
  { rows, x, normal }: At & { readonly normal: Float32Array },
): Promise<Float32Array> {
  const { batch, rowSize, room } = context;
  const out = x.slice();
  const direction = normal.slice();
  for (const place of rows.keys()) {
    const v = direction.subarray(place * rowSize, (place + 1) * rowSize);
    let length = 0;
    for (const value of v) length += value * value;
    for (let i = 0; i < rowSize; i++) v[i] = room.norm === "linf" ? Math.sign(v[i]!) : v[i]! / Math.max(Math.sqrt(length), 1e-12);
  }
  const distances = Float64Array.from(rows, (row) => context.nearest(row).distance);
  const found: number[] = [];
  let open = [...rows.keys()];
  for (const factor of [0.5, 0.7, 0.9, 1, 1.2, 1.5, 2, 3]) {
    const asked = context.standing(gather(rows, open, 1));
    open = open.filter((place) => asked.includes(rows[place]!));
    if (open.length === 0) break;
    const points = gather(batch.x, gather(rows, open, 1), rowSize);
    for (const [i, place] of open.entries()) {
      for (let k = 0; k < rowSize; k++) points[i * rowSize + k]! += factor * distances[place]! * direction[place * rowSize + k]!;
    }
    const labels = await context.decide(gather(rows, open, 1), points);
    for (const [i, place] of open.entries()) {
      if (!context.wins(rows[place]!, labels[i]!)) continue;
      out.set(points.subarray(i * rowSize, (i + 1) * rowSize), place * rowSize);
      found.push(place);
    }
    open = open.filter((place) => !found.includes(place));
  }
  const places = found.toSorted((a, b) => a - b);
  if (places.length === 0) return out;
  const better = await toBoundary(context, { rows: gather(rows, places, 1), x: gather(out, places, rowSize) }, 1e-3);
  for (const [i, place] of places.entries()) out.set(better.subarray(i * rowSize, (i + 1) * rowSize), place * rowSize);
  return out;
}
