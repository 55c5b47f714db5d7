/**
 * Wrong answers at the very edge. Gradients come from a graph of their own, whose sums end in other bits than those of the model as it is
 * served, and in other roundings where it is quantised: a point that was wrong there by a hair may be right here.
 */
import { distance, gatherRows, narrowed, project } from "../attack/index.ts";
import type { AttackTarget, Room } from "../attack/index.ts";
import type { Standings } from "./standings.ts";

/** How much farther from the example a point is moved, one after another. */
const factors = [1.0003, 1.003, 1.03];

interface PushOptions {
  readonly target: AttackTarget;
  readonly room: Room;
  readonly x: Float32Array;
  /** Those whose nearest point is answered rightly. */
  readonly examples: Int32Array;
  /** Which of the points are answered wrongly. */
  readonly wrong: (target: AttackTarget, points: Float32Array, examples: Int32Array) => Promise<Uint8Array>;
}

/** Moves points away from their examples, within the radius that they were counted at, until the model itself calls them wrong; gives those that it never does. */
export async function pushOut(standings: Standings, { target, room, x, examples, wrong }: PushOptions): Promise<Int32Array> {
  const { rowSize } = target;
  let left = examples;
  for (const factor of factors) {
    if (left.length === 0) break;
    const origins = gatherRows(x, left, rowSize);
    const points = gatherRows(standings.nearest, left, rowSize).map((value, i) => origins[i]! + factor * (value - origins[i]!));
    for (const [i, example] of left.entries())
      project(room, points, origins, { x: i * rowSize, origin: i * rowSize, epsilon: radiusOf(standings, example) });
    const holds = await wrong(narrowed(target, left), points, left);
    for (const [i, example] of left.entries()) {
      if (holds[i] === 0) continue;
      standings.nearest.set(points.subarray(i * rowSize, (i + 1) * rowSize), example * rowSize);
      standings.distance[example] = distance(room, points, origins, { x: i * rowSize, origin: i * rowSize });
    }
    left = left.filter((_, i) => holds[i] === 0);
  }
  return left;
}

/** The smallest radius at which an example is counted as broken. */
export function radiusOf({ fallen, epsilons }: Standings, example: number): number {
  const level = fallen.findIndex((fell) => fell[example] === 1);
  return level < 0 ? Infinity : epsilons[level]!;
}
