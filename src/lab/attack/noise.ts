/** Random vectors from a seeded generator. */
import type { Seeded } from "../../base/math/index.ts";

/** A standard normal number (Marsaglia's polar method, 1964). */
export function normal(rng: Seeded): number {
  for (;;) {
    const u = 2 * rng.unit() - 1;
    const v = 2 * rng.unit() - 1;
    const s = u * u + v * v;
    if (s > 0 && s < 1) return u * Math.sqrt((-2 * Math.log(s)) / s);
  }
}

/** Uniform in [low, high). */
export const uniform = (rng: Seeded, low: number, high: number): number => low + (high - low) * rng.unit();

/** A Laplace number of scale 1. */
export function laplace(rng: Seeded): number {
  const u = rng.unit() - 0.5;
  return -Math.sign(u) * Math.log(1 - 2 * Math.abs(u));
}

/** Standard normal numbers. */
export function normals(rng: Seeded, length: number): Float32Array {
  const out = new Float32Array(length);
  for (let i = 0; i < length; i++) out[i] = normal(rng);
  return out;
}
