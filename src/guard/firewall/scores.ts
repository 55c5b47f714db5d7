/** Points that halve with time. */
import { createBoundedMap } from "./bounded-map.ts";

interface Score {
  readonly points: number;
  readonly atMs: number;
}

export interface Scores {
  /** Adds points (or takes some off, down to none) and gives the sum. */
  add(target: string, points: number, nowMs: number): number;
  clear(target: string): void;
}

/** Fewer points than this say nothing. */
const forgotten = 0.01;

export function createScores({ halfLifeMs, maxTargets }: { halfLifeMs: number; maxTargets: number }): Scores {
  const decayed = ({ points, atMs }: Score, nowMs: number) => points * 2 ** (Math.min(0, atMs - nowMs) / halfLifeMs);
  const scores = createBoundedMap<Score>({ maxEntries: maxTargets, worth: (score, nowMs) => decayed(score, nowMs) - forgotten });

  return {
    add(target, points, nowMs) {
      const before = scores.get(target);
      if (!before && points <= 0) return 0;
      const sum = Math.max(0, (before ? decayed(before, nowMs) : 0) + points);
      if (sum > forgotten) scores.set(target, { points: sum, atMs: nowMs }, nowMs);
      else scores.delete(target);
      return sum;
    },
    clear: (target) => scores.delete(target),
  };
}
