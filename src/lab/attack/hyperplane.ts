/**
 * The shortest way onto a hyperplane that stays between the bounds, for each norm: Croce and Hein 2020 (arXiv:1907.02044), section 3.1. A
 * number's change grows with one multiplier until its bound stops it, so the sum reached is concave in the multiplier, and Newton's method
 * from 0 ends after as many rounds as there are kinks on the way.
 */
import type { Room } from "./ball.ts";

/** The way from x to the plane w · x = b; where the bounds keep it away, as near as can be. */
export function towardsPlane(room: Room, x: Float32Array, plane: { readonly w: Float32Array; readonly b: number }): Float32Array {
  const { rowSize, low, high, norm } = room;
  const { w, b } = plane;
  let missing = b;
  for (let i = 0; i < rowSize; i++) missing -= w[i]! * x[i]!;
  const sign = Math.sign(missing);
  const goal = Math.abs(missing);
  const space = new Float64Array(rowSize);
  for (let i = 0; i < rowSize; i++) {
    const up = w[i]! * sign > 0;
    space[i] = Math.max(0, up ? high[i]! - x[i]! : x[i]! - low[i]!);
  }
  const change = norm === "l1" || norm === "l0" ? greedy(w, space, goal) : levelled(w, space, { goal, square: norm === "l2" });
  for (let i = 0; i < rowSize; i++) change[i] = w[i] === 0 ? 0 : Math.sign(w[i]! * sign) * change[i]!;
  return change;
}

/** linf: every change has the multiplier's size; l2: in proportion to |w|. */
function levelled(
  w: Float32Array,
  space: Float64Array,
  { goal, square }: { readonly goal: number; readonly square: boolean },
): Float32Array {
  let multiplier = 0;
  for (let round = 0; round < 50; round++) {
    let stopped = 0;
    let slope = 0;
    for (let i = 0; i < w.length; i++) {
      const strength = Math.abs(w[i]!);
      if (strength === 0) continue;
      const rate = square ? strength : 1;
      if (rate * multiplier >= space[i]!) stopped += strength * space[i]!;
      else slope += strength * rate;
    }
    if (slope === 0) break;
    const next = (goal - stopped) / slope;
    if (!(next > multiplier * (1 + 1e-12))) break;
    multiplier = next;
  }
  const size = new Float32Array(w.length);
  for (let i = 0; i < w.length; i++) {
    const wanted = (square ? Math.abs(w[i]!) : 1) * multiplier;
    size[i] = wanted < space[i]! ? wanted : space[i]!;
  }
  return size;
}

/** l1: the numbers that count most move first, each as far as it can. */
function greedy(w: Float32Array, space: Float64Array, goal: number): Float32Array {
  const size = new Float32Array(w.length);
  const order = Uint32Array.from({ length: w.length }, (_, i) => i).sort((a, b) => Math.abs(w[b]!) - Math.abs(w[a]!) || a - b);
  let left = goal;
  for (const i of order) {
    const strength = Math.abs(w[i]!);
    if (left <= 0 || strength === 0) break;
    size[i] = Math.min(space[i]!, left / strength);
    left -= size[i]! * strength;
  }
  return size;
}

/** The length of a change in a norm. */
export function lengthOf(norm: Room["norm"], change: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < change.length; i++) {
    const size = Math.abs(change[i]!);
    if (norm === "linf") total = Math.max(total, size);
    else total += norm === "l2" ? size * size : norm === "l1" ? size : size > 0 ? 1 : 0;
  }
  return norm === "l2" ? Math.sqrt(total) : total;
}
