import { project } from "../ball.ts";
import type { AttackContext } from "../context.ts";
import { laplace, normal, uniform } from "../noise.ts";

/** Random points on the sphere around each row, cut by the bounds: the reference implementation scales its noise to the full radius. */
export function sphereStart({ batch, room, rng, rowSize }: AttackContext, rows: Int32Array, epsilon: number): Float32Array {
  const draw = { linf: () => uniform(rng, -1, 1), l2: () => normal(rng), l1: () => laplace(rng), l0: () => uniform(rng, -1, 1) }[
    room.norm
  ];
  const out = new Float32Array(rows.length * rowSize);
  for (const [place, row] of rows.entries()) {
    const noise = Float64Array.from({ length: rowSize }, draw);
    let length = 0;
    for (const value of noise) {
      if (room.norm === "linf") length = Math.max(length, Math.abs(value));
      else length += room.norm === "l2" ? value * value : Math.abs(value);
    }
    const scale = epsilon / Math.max(room.norm === "l2" ? Math.sqrt(length) : length, 1e-12);
    for (let i = 0; i < rowSize; i++) out[place * rowSize + i] = batch.x[row * rowSize + i]! + noise[i]! * scale;
    project(room, out, batch.x, { x: place * rowSize, origin: row * rowSize, epsilon });
  }
  return out;
}
