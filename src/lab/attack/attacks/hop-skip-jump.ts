import { z } from "zod";
import { defineAttack } from "../define.ts";
import type { AttackContext } from "../context.ts";
import { farL2, findStarts, toBoundary } from "../decision/boundary.ts";
import { normals, uniform } from "../noise.ts";
import { gather, repeated } from "../rows.ts";

/**
 * HopSkipJump: estimates the boundary's normal from labels of random points around a boundary point, jumps along it, comes back by bisection.
 * Chen, Jordan and Wainwright 2020 (arXiv:1904.02144), algorithms 1 and 2.
 */
export const hopSkipJump = defineAttack({
  id: "hop-skip-jump",
  title: "HopSkipJump",
  needs: "decisions",
  aim: "distance",
  norms: ["l2", "linf"],
  params: z.strictObject({
    steps: z.int().positive().default(30),
    startSamples: z
      .int()
      .positive()
      .default(100)
      .describe("points of the first estimate; grows with the square root of the step"),
    maxSamples: z.int().positive().default(10_000),
    starts: z.int().positive().default(50),
  }),
  references: ["atlas:AML.T0042", "doi:10.48550/arXiv.1904.02144"],

  async *run(context) {
    const { params, rowSize, room } = context;
    const starts = await findStarts(context, params.starts);
    const precision = room.norm === "l2" ? 1 / rowSize ** 1.5 : 1 / rowSize ** 2;
    let { rows } = starts;
    let x = await toBoundary(context, starts, Math.max(precision, 1e-4));
    yield;
    for (let step = 1; step <= params.steps; step++) {
      const standing = context.standing(rows);
      const places = [...rows.keys()].filter((place) => standing.includes(rows[place]!));
      [rows, x] = [standing, gather(x, places, rowSize)];
      if (rows.length === 0) return;
      const distances = Float64Array.from(rows, (row, place) => farIn(context, x.subarray(place * rowSize), row));
      const samples = Math.min(Math.floor(params.startSamples * Math.sqrt(step)), params.maxSamples);
      const spread = distances.map((d) =>
        step === 1 ? 0.1 * range(context) : (room.norm === "l2" ? Math.sqrt(rowSize) * precision : rowSize * precision) * d,
      );
      const direction = await normalAt(context, { rows, x, samples, spread });
      x = await jump(context, { rows, x, direction, distances, step });
      x = await toBoundary(context, { rows, x }, Math.max(precision, 1e-4));
      yield;
    }
  },
});

function farIn(context: AttackContext, x: Float32Array, row: number): number {
  if (context.room.norm === "l2") return farL2(context, x, row);
  let most = 0;
  for (let i = 0; i < context.rowSize; i++) most = Math.max(most, Math.abs(x[i]! - context.batch.x[row * context.rowSize + i]!));
  return most;
}

function range({ room }: AttackContext): number {
  let most = 0;
  for (const [i, low] of room.low.entries()) if (Number.isFinite(room.high[i]! - low)) most = Math.max(most, room.high[i]! - low);
  return most === 0 ? 1 : most;
}

interface At {
  readonly rows: Int32Array;
  readonly x: Float32Array;
}

/** Eq. 9 and 16: the mean of random directions by their answers, against a baseline. A block of rows at a time keeps memory bounded. */
async function normalAt(
  context: AttackContext,
  { rows, x, samples, spread }: At & { readonly samples: number; readonly spread: Float64Array },
): Promise<Float32Array> {
  const { rowSize, rng, room } = context;
  const out = new Float32Array(x.length);
  const together = Math.max(1, Math.floor(2 ** 22 / (samples * rowSize)));
  for (let from = 0; from < rows.length; from += together) {
    const places = Array.from({ length: Math.min(together, rows.length - from) }, (_, i) => from + i);
    const points = new Float32Array(places.length * samples * rowSize);
    for (const [i, place] of places.entries()) {
      for (let sample = 0; sample < samples; sample++) {
        const noise =
          room.norm === "l2" ? normals(rng, rowSize) : Float32Array.from({ length: rowSize }, () => uniform(rng, -1, 1));
        let length = 0;
        for (const value of noise) length += value * value;
        const scale = spread[place]! / Math.max(Math.sqrt(length), 1e-12);
        const at = (i * samples + sample) * rowSize;
        for (let k = 0; k < rowSize; k++) {
          const value = x[place * rowSize + k]! + scale * noise[k]!;
          points[at + k] = Math.min(Math.max(value, room.low[k]!), room.high[k]!);
        }
      }
    }
    const labels = await context.decide(repeated(gather(rows, places, 1), samples), points);
    for (const [i, place] of places.entries()) {
      const won = Array.from({ length: samples }, (_, s) => (context.wins(rows[place]!, labels[i * samples + s]!) ? 1 : -1));
      const mean = won.reduce<number>((a, b) => a + b, 0) / samples;
      const even = Math.abs(mean) === 1;
      for (let sample = 0; sample < samples; sample++) {
        const weight = even ? won[sample]! : won[sample]! - mean;
        const at = (i * samples + sample) * rowSize;
        for (let k = 0; k < rowSize; k++)
          out[place * rowSize + k]! += (weight * (points[at + k]! - x[place * rowSize + k]!)) / Math.max(spread[place]!, 1e-12);
      }
    }
  }
  return out;
}

/** The longest step of a geometric series that is still a wrong answer: section 4.2. */
async function jump(
  context: AttackContext,
  {
    rows,
    x,
    direction,
    distances,
    step,
  }: At & { readonly direction: Float32Array; readonly distances: Float64Array; readonly step: number },
): Promise<Float32Array> {
  const { rowSize, room } = context;
  const out = x.slice();
  const size = distances.map((d) => d / Math.sqrt(step));
  let open = [...rows.keys()];
  for (let halving = 0; halving < 15 && open.length > 0; halving++) {
    const asked = context.standing(gather(rows, open, 1));
    open = open.filter((place) => asked.includes(rows[place]!));
    if (open.length === 0) break;
    const points = gather(x, open, rowSize);
    for (const [i, place] of open.entries()) {
      const v = direction.subarray(place * rowSize, (place + 1) * rowSize);
      let length = 0;
      for (const value of v) length += value * value;
      for (let k = 0; k < rowSize; k++) {
        points[i * rowSize + k]! +=
          size[place]! * (room.norm === "l2" ? v[k]! / Math.max(Math.sqrt(length), 1e-12) : Math.sign(v[k]!));
      }
    }
    const labels = await context.decide(gather(rows, open, 1), points);
    const left: number[] = [];
    for (const [i, place] of open.entries()) {
      if (context.wins(rows[place]!, labels[i]!)) out.set(points.subarray(i * rowSize, (i + 1) * rowSize), place * rowSize);
      else {
        size[place]! /= 2;
        left.push(place);
      }
    }
    open = left;
  }
  return out;
}
