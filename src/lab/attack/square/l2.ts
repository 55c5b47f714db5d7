import type { Seeded } from "../../../base/math/index.ts";
import type { AttackContext } from "../context.ts";
import type { Image, Proposal } from "./proposal.ts";
import { signOf } from "./proposal.ts";

/** For l2: bumps on a grid at first; then the change inside one window moves to another, where a new bump is added. Andriushchenko et al. 2020, algorithm 3. */
export function l2Proposal({ batch, rng, epsilon, rowSize }: AttackContext, image: Image): Proposal {
  const { channels, height, width } = image;
  const at = (c: number, line: number, column: number): number => (c * height + line) * width + column;
  const finish = (row: number, delta: Float32Array, out: Float32Array): void => {
    const scale = epsilon / Math.max(norm(delta), 1e-12);
    for (let i = 0; i < rowSize; i++) out[i] = batch.x[row * rowSize + i]! + delta[i]! * scale;
  };
  return {
    start(row, out) {
      const delta = new Float32Array(rowSize);
      const [tall, wide] = [Math.max(1, Math.floor(height / 5)), Math.max(1, Math.floor(width / 5))];
      for (let top = 0; top + tall <= height; top += tall) {
        for (let left = 0; left + wide <= width; left += wide) {
          const shape = bump(tall, wide, rng);
          for (let c = 0; c < channels; c++) {
            const sign = signOf(rng);
            for (let i = 0; i < shape.length; i++)
              delta[at(c, top + Math.floor(i / wide), left + (i % wide))]! += sign * shape[i]!;
          }
        }
      }
      finish(row, delta, out);
    },
    next(row, best, share) {
      const delta = best.map((value, i) => value - batch.x[row * rowSize + i]!);
      let [tall, wide] = image.window(share);
      if (height > 1) [tall, wide] = [Math.min(Math.max(3, tall | 1), height), Math.min(Math.max(3, wide | 1), width)];
      const place = (): [number, number] => [rng.below(height - tall + 1), rng.below(width - wide + 1)];
      const [to, from] = [place(), place()];
      const whole = norm(delta);
      const shape = bump(tall, wide, rng);
      const cells = (corner: readonly [number, number], c: number): number[] =>
        Array.from(shape, (_, i) => at(c, corner[0] + Math.floor(i / wide), corner[1] + (i % wide)));
      const both = new Set(Array.from({ length: channels }, (_, c) => [...cells(to, c), ...cells(from, c)]).flat());
      let inWindows = 0;
      for (const i of both) inWindows += delta[i]! * delta[i]!;
      const budget = Math.sqrt(Math.max(epsilon * epsilon - whole * whole, 0) / channels + inWindows / channels);
      const fresh = Array.from({ length: channels }, (_, c) => {
        const old = cells(to, c).map((i) => delta[i]!);
        const length = Math.max(norm(old), 1e-12);
        const sign = signOf(rng);
        const made = Array.from(shape, (value, i) => sign * value + old[i]! / length);
        const scale = budget / Math.max(norm(made), 1e-12);
        return made.map((value) => value * scale);
      });
      for (let c = 0; c < channels; c++) for (const i of cells(from, c)) delta[i] = 0;
      for (let c = 0; c < channels; c++) for (const [k, i] of cells(to, c).entries()) delta[i] = fresh[c]![k]!;
      finish(row, delta, best);
    },
  };
}

function norm(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]! * values[i]!;
  return Math.sqrt(total);
}

/** Two pyramids of opposite sign side by side, or above each other, of length 1: the paper's η. */
function bump(tall: number, wide: number, rng: Seeded): Float32Array {
  const across = rng.unit() < 0.5;
  const out = new Float32Array(tall * wide);
  const half = Math.floor((across ? wide : tall) / 2);
  for (let line = 0; line < tall; line++) {
    for (let column = 0; column < wide; column++) {
      const along = across ? column : line;
      const first = along < half;
      const [length, place] = first ? [half, along] : [(across ? wide : tall) - half, along - half];
      const other = across ? [tall, line] : [wide, column];
      // The number of nested rectangles around this place, each adding 1/k².
      const depth = Math.min(place, length - 1 - place, other[1]!, other[0]! - 1 - other[1]!);
      const rings = Math.ceil(Math.max(length, other[0]!) / 2);
      let height = 0;
      for (let k = rings - depth; k <= rings; k++) height += 1 / Math.max(1, k) ** 2;
      out[line * wide + column] = first ? height : -height;
    }
  }
  const length = Math.max(norm(out), 1e-12);
  return out.map((value) => value / length);
}
