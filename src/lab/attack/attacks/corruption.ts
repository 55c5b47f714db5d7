import { z } from "zod";
import { corruptions, imageOf } from "../corrupt/corruptions.ts";
import { defineAttack } from "../define.ts";

/**
 * Everyday damage of the same size as an attack: what a model withstands here says nothing about an adversary, and what it does not withstand
 * needs none. Each kind is made as strong as the radius allows.
 */
export const corruption = defineAttack({
  id: "corruption",
  title: "Corruptions: noise, blur, contrast, brightness, JPEG",
  needs: "decisions",
  aim: "nothing",
  norms: ["linf", "l2", "l1"],
  targeted: false,
  params: z.strictObject({
    kinds: z.array(z.enum(Object.keys(corruptions) as [string, ...string[]])).default(Object.keys(corruptions)),
    strengths: z.array(z.number().min(0).max(1)).default([0.1, 0.2, 0.4, 0.7, 1]),
  }),
  references: ["doi:10.48550/arXiv.1903.12261"],

  async *run(context) {
    const { batch, params, rowSize, rowDims, room, rng } = context;
    const image = imageOf(rowDims);
    for (const kind of params.kinds) {
      const corrupt = corruptions[kind]!;
      const credited = context.as(`corruption: ${kind}`, undefined);
      for (const strength of params.strengths) {
        const rows = context.standing();
        if (rows.length === 0) return;
        const x = new Float32Array(rows.length * rowSize);
        for (const [place, row] of rows.entries()) {
          const [low, width] = [room.low, room.high.map((high, i) => high - room.low[i]!)];
          const scaled = batch.x
            .slice(row * rowSize, (row + 1) * rowSize)
            .map((value, i) => (bounded(width[i]!) ? (value - low[i]!) / width[i]! : value));
          const damaged = corrupt(scaled, { image, strength, rng });
          x.set(
            damaged.map((value, i) => (bounded(width[i]!) ? low[i]! + value * width[i]! : value)),
            place * rowSize,
          );
        }
        await credited.decide(rows, x);
        yield;
      }
    }
  },
});

const bounded = (width: number): boolean => Number.isFinite(width) && width > 0;
