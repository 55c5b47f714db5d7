/**
 * The shortest way onto a hyperplane that stays between the bounds, for each norm: Croce and Hein 2020 (arXiv:1907.02044), section 3.1. A
 * number's change grows with one multiplier until its bound stops it, so the sum reached is concave in the multiplier, and Newton's method
 * from 0 ends after as many rounds as there are kinks on the way.
 */
import type { Room } from "./ball.ts";

/** Writes the way from x to the plane w · x = b into `way`; where the bounds keep it away, as near as can be. */
export type TowardsPlane = (
  x: Float32Array,
  plane: { readonly w: Float32Array; readonly b: number },
  way: Float32Array | Float64Array,
) => void;

/** Ways in a room. INVARIANT: one way at a time; they share memory, because an attack takes many thousands of them. */
export function towardsPlanes(room: Room): TowardsPlane {
  const { rowSize, low, high, norm } = room;
  const space = new Float64Array(rowSize);
  const sized = norm === "l1" || norm === "l0" ? greedy : levelling(rowSize, norm === "l2");
  return (x, { w, b }, way) => {
    let missing = b;
    for (let i = 0; i < rowSize; i++) missing -= w[i]! * x[i]!;
    const side = missing < 0 ? -1 : 1;
    for (let i = 0; i < rowSize; i++) {
      const free = w[i]! * side > 0 ? high[i]! - x[i]! : x[i]! - low[i]!;
      space[i] = free > 0 ? free : 0;
    }
    sized(w, space, { goal: Math.abs(missing), out: way });
    for (let i = 0; i < rowSize; i++) if (w[i]! * side < 0) way[i] = -way[i]!;
  };
}

/** How far each number changes, whichever way. */
type Sizes = (
  w: Float32Array,
  space: Float64Array,
  to: { readonly goal: number; readonly out: Float32Array | Float64Array },
) => void;

/** linf: every change has the multiplier's size; l2: in proportion to |w|. */
function levelling(rowSize: number, square: boolean): Sizes {
  const strength = new Float64Array(rowSize);
  const limit = new Float64Array(rowSize);
  return (w, space, { goal, out }) => {
    // Numbers that cannot move, or move nothing, are left out; so are those that their bounds have stopped, once they have.
    let moving = 0;
    let slope = 0;
    for (let i = 0; i < rowSize; i++) {
      const strong = Math.abs(w[i]!);
      if (strong === 0 || space[i] === 0) continue;
      strength[moving] = strong;
      limit[moving++] = space[i]!;
      slope += square ? strong * strong : strong;
    }
    let left = goal;
    let multiplier = moving === 0 ? 0 : goal / slope;
    while (moving > 0) {
      let kept = 0;
      slope = 0;
      for (let k = 0; k < moving; k++) {
        const [strong, most] = [strength[k]!, limit[k]!];
        if ((square ? strong : 1) * multiplier >= most) {
          left -= strong * most;
          continue;
        }
        strength[kept] = strong;
        limit[kept++] = most;
        slope += square ? strong * strong : strong;
      }
      if (kept === moving) break;
      moving = kept;
      if (moving > 0) multiplier = Math.max(multiplier, left / slope);
    }
    for (let i = 0; i < rowSize; i++) {
      const wanted = w[i] === 0 ? 0 : (square ? Math.abs(w[i]!) : 1) * multiplier;
      out[i] = wanted < space[i]! ? wanted : space[i]!;
    }
  };
}

/** l1: the numbers that count most move first, each as far as it can. */
const greedy: Sizes = (w, space, { goal, out }) => {
  out.fill(0);
  const order = Uint32Array.from({ length: w.length }, (_, i) => i).sort((a, b) => Math.abs(w[b]!) - Math.abs(w[a]!) || a - b);
  let left = goal;
  for (const i of order) {
    const strength = Math.abs(w[i]!);
    if (left <= 0 || strength === 0) break;
    out[i] = Math.min(space[i]!, left / strength);
    left -= out[i]! * strength;
  }
};

/** The length of a change in a norm. */
export function lengthOf(norm: Room["norm"], change: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < change.length; i++) {
    const size = Math.abs(change[i]!);
    if (norm === "linf") total = size > total ? size : total;
    else total += norm === "l2" ? size * size : norm === "l1" ? size : size > 0 ? 1 : 0;
  }
  return norm === "l2" ? Math.sqrt(total) : total;
}
