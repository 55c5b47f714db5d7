/** One step of the fast adaptive boundary attack: Croce and Hein 2020 (arXiv:1907.02044), algorithm 1, lines 7 to 10. */
import type { Room } from "../ball.ts";
import { lengthOf, towardsPlanes } from "../hyperplane.ts";

/** How far to step beyond the boundary, and how much at most to stay near the example: the paper's η and α_max. */
const [overshoot, mostBias] = [1.05, 0.1];

/** Moves a point in place. `lead` is the loss there, `w` its gradient. */
export type FabStep = (
  here: Float32Array,
  example: Float32Array,
  at: { readonly lead: number; readonly w: Float32Array },
) => void;

/** Steps in a room: projects both the point and the example onto the boundary and goes to a mean of the two, a little too far. */
export function fabStep(room: Room): FabStep {
  const { rowSize, norm } = room;
  const towards = towardsPlanes(room);
  const [fromHere, fromExample] = [new Float64Array(rowSize), new Float64Array(rowSize)];
  return (here, example, { lead, w }) => {
    let b = -lead;
    for (let i = 0; i < rowSize; i++) b += w[i]! * here[i]!;
    if (!Number.isFinite(b)) return;
    towards(here, { w, b }, fromHere);
    towards(example, { w, b }, fromExample);
    const [a1, a2] = [Math.max(lengthOf(norm, fromHere), 1e-8), Math.max(lengthOf(norm, fromExample), 1e-8)];
    const alpha = Math.min(a1 / (a1 + a2), mostBias);
    for (let i = 0; i < rowSize; i++) {
      here[i] = (here[i]! + overshoot * fromHere[i]!) * (1 - alpha) + (example[i]! + overshoot * fromExample[i]!) * alpha;
    }
  };
}
