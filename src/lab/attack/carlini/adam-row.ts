/** One step of Adam on one row of a block: Kingma and Ba 2015, algorithm 1. */
import { adam } from "../white/descent-graph.ts";

/** A block of rows: points and their derivative by w, what they are measured from, and what Adam remembers. */
export interface AdamBlock {
  readonly w: Float32Array;
  readonly x: Float32Array;
  readonly origin: Float32Array;
  readonly slope: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly gradient: Float32Array;
  readonly rowSize: number;
  readonly rate: number;
}

/** Makes ‖x − origin‖² − active · loss smaller; gives the square of the distance. */
export function adamRow(
  { w, x, origin, slope, first, second, gradient, rowSize, rate }: AdamBlock,
  at: number,
  active: number,
): number {
  let far = 0;
  for (let k = at; k < at + rowSize; k++) {
    const change = x[k]! - origin[k]!;
    far += change * change;
    // A slope that is no number must not move anything.
    const steep = gradient[k]!;
    const pull = steep === steep ? active * steep : 0;
    const g = (2 * change - pull) * slope[k]!;
    const m = adam.beta1 * first[k]! + (1 - adam.beta1) * g;
    const v = adam.beta2 * second[k]! + (1 - adam.beta2) * g * g;
    first[k] = m;
    second[k] = v;
    w[k]! -= (rate * m) / (Math.sqrt(v) + adam.tiny);
  }
  return far;
}
