import type { AttackContext } from "../context.ts";
import type { Image, Proposal } from "./proposal.ts";
import { signOf } from "./proposal.ts";

/** For linf: stripes of one column's width at first, then squares whose colour jumps from one side of the ball to the other. */
export function linfProposal({ batch, rng, epsilon, rowSize }: AttackContext, image: Image): Proposal {
  const { channels, height, width } = image;
  return {
    start(row, out) {
      for (let c = 0; c < channels; c++) {
        for (let column = 0; column < width; column++) {
          const change = epsilon * signOf(rng);
          for (let line = 0; line < height; line++) {
            const i = (c * height + line) * width + column;
            out[i] = batch.x[row * rowSize + i]! + change;
          }
        }
      }
    },
    next(row, best, share) {
      const [tall, wide] = image.window(share);
      const [top, left] = [rng.below(height - tall + 1), rng.below(width - wide + 1)];
      for (let c = 0; c < channels; c++) {
        // Twice the radius: the projection brings it to the edge on the other side.
        const change = 2 * epsilon * signOf(rng);
        for (let line = top; line < top + tall; line++) {
          for (let column = left; column < left + wide; column++) best[(c * height + line) * width + column]! += change;
        }
      }
    },
  };
}
