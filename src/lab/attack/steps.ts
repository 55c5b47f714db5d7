/** Steps of steepest ascent: the change of given length that raises a linear function most, for each norm. */
import type { Room } from "./ball.ts";

/** Moves each row by `size` along its gradient, measured in the room's norm; a row without gradient stays. */
export function ascend(room: Room, x: Float32Array, gradient: Float32Array, size: number): void {
  const { norm, rowSize } = room;
  if (norm === "linf") {
    for (let i = 0; i < x.length; i++) {
      const g = gradient[i]!;
      // A comparison, not Math.sign: a NaN must not move anything.
      x[i]! += g > 0 ? size : g < 0 ? -size : 0;
    }
    return;
  }
  for (let at = 0; at < x.length; at += rowSize) {
    if (norm === "l2") ascendL2(x, gradient, { at, rowSize, size });
    else ascendL1(room, x, gradient, { at, size });
  }
}

interface RowStep {
  readonly at: number;
  readonly size: number;
}

function ascendL2(x: Float32Array, gradient: Float32Array, { at, rowSize, size }: RowStep & { readonly rowSize: number }): void {
  let square = 0;
  for (let i = at; i < at + rowSize; i++) square += gradient[i]! * gradient[i]!;
  if (!(square > 0) || square === Infinity) return;
  const scale = size / Math.sqrt(square);
  for (let i = at; i < at + rowSize; i++) x[i]! += gradient[i]! * scale;
}

/** The share of numbers that an l1 step moves: one alone would need as many steps as there are numbers (Tramèr and Boneh 2019, arXiv:1904.13000). */
const movedShare = 0.01;

/** Spreads the step over the numbers with the largest gradients that can still move that way. */
function ascendL1({ rowSize, low, high }: Room, x: Float32Array, gradient: Float32Array, { at, size }: RowStep): void {
  const strength = new Float32Array(rowSize);
  for (let i = 0; i < rowSize; i++) {
    const g = gradient[at + i]!;
    const stuck = g > 0 ? x[at + i]! >= high[i]! : x[at + i]! <= low[i]!;
    strength[i] = stuck || g !== g ? 0 : Math.abs(g);
  }
  const order = Uint32Array.from({ length: rowSize }, (_, i) => i).sort((a, b) => strength[b]! - strength[a]! || a - b);
  const moved = order.subarray(0, Math.max(1, Math.round(movedShare * rowSize))).filter((i) => strength[i]! > 0);
  for (const i of moved) x[at + i]! += (Math.sign(gradient[at + i]!) * size) / moved.length;
}
