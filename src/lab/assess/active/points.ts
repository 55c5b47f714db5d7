/** Points of a ball: harmless ones inside, and corners at its edge where something can be planted. */
import type { Seeded } from "../../../base/math/index.ts";
import { project } from "../../attack/index.ts";
import type { Norm, Room } from "../../attack/index.ts";

/** A ball, and chance. */
export interface Around {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly room: Room;
  readonly rng: Seeded;
}

/** So many points inside the ball, at most half way to its edge, and one at the edge behind them. */
export function pointsAround(origin: Float32Array, inside: number, { norm, epsilon, room, rng }: Around): Float32Array {
  const width = origin.length;
  const points = new Float32Array((inside + 1) * width);
  for (let point = 0; point <= inside; point++) {
    const edge = point === inside;
    const radius = edge ? epsilon : (epsilon / 2) * Math.sqrt(rng.unit());
    const at = point * width;
    for (let i = 0; i < width; i++) points[at + i] = origin[i]! + direction(norm, { radius, width, edge, rng });
    project(room, points, origin, { x: at, origin: 0, epsilon: radius });
  }
  return points;
}

/** So many random corners of the ball. */
export function corners(origin: Float32Array, count: number, { norm, epsilon, room, rng }: Around): Float32Array {
  const width = origin.length;
  const x = new Float32Array(count * width);
  for (let at = 0; at < x.length; at += width) {
    for (let i = 0; i < width; i++) x[at + i] = origin[i]! + direction(norm, { radius: epsilon, width, edge: true, rng });
    project(room, x, origin, { x: at, origin: 0, epsilon });
  }
  return x;
}

function direction(
  norm: Norm,
  { radius, width, edge, rng }: { radius: number; width: number; edge: boolean; rng: Seeded },
): number {
  // At the edge of a cube its corners; of other balls a dense random direction, which the projection brings back.
  if (norm === "linf") return edge ? (rng.unit() < 0.5 ? -radius : radius) : radius * (2 * rng.unit() - 1);
  return ((rng.unit() + rng.unit() + rng.unit() - 1.5) * 2 * radius) / Math.sqrt(norm === "l2" ? width / 4 : 1);
}
