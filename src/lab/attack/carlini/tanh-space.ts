/** Points between bounds as tanh of free numbers: x = middle + half · tanh(w), Carlini and Wagner 2017, section V.B. */
import type { Room } from "../ball.ts";
import type { TanhBounds } from "./question.ts";

/** The map there and back. Numbers whose bounds are open are not mapped: w is x itself. */
export interface TanhSpace {
  /** w of a row. */
  enter(x: Float32Array, w: Float32Array): void;
  /** x of w, and the derivative of x by w. */
  leave(w: Float32Array, x: Float32Array, slope: Float32Array): void;
}

/** The space of a room for blocks of whole rows. */
export function tanhSpace({ low, high, rowSize }: Room): TanhSpace {
  const middle = Float64Array.from(low, (value, i) => (value + high[i]!) / 2);
  const half = Float64Array.from(low, (value, i) => (high[i]! - value) / 2);
  const bounded = half.map((value) => (Number.isFinite(value) ? 1 : 0));
  return {
    enter(x, w) {
      for (let i = 0; i < x.length; i++) {
        const k = i % rowSize;
        // Points on the bounds themselves would be infinitely far out.
        w[i] = bounded[k] === 1 && half[k]! > 0 ? Math.atanh(((x[i]! - middle[k]!) / half[k]!) * 0.999999) : x[i]!;
      }
    },
    leave(w, x, slope) {
      for (let start = 0; start < w.length; start += rowSize) {
        for (let k = 0; k < rowSize; k++) {
          const i = start + k;
          if (bounded[k] === 0 || half[k] === 0) {
            x[i] = half[k] === 0 ? middle[k]! : w[i]!;
            slope[i] = half[k] === 0 ? 0 : 1;
            continue;
          }
          // tanh by one exponential: Math.tanh is three times as slow and no better in float32.
          const t = 1 - 2 / (Math.exp(2 * w[i]!) + 1);
          x[i] = middle[k]! + half[k]! * t;
          slope[i] = half[k]! * (1 - t * t);
        }
      }
    },
  };
}

/** The map as a graph takes it; undefined where a number has no bounds. */
export function tanhBounds({ low, high }: Room): TanhBounds | undefined {
  const middle = low.map((value, i) => (value + high[i]!) / 2);
  const half = low.map((value, i) => (high[i]! - value) / 2);
  return half.every(Number.isFinite) ? { middle, half, low, high } : undefined;
}
