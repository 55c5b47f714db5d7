import type { AttackContext } from "../context.ts";
import type { Image, Proposal } from "./proposal.ts";
import { signOf } from "./proposal.ts";
import type { SquarePatches } from "./question.ts";

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
      const { top, left, tall, wide, change } = linfPatches({ rng, epsilon }, image, { rows: 1, shares: [share] });
      for (let c = 0; c < channels; c++) {
        for (let line = top[0]!; line < top[0]! + tall[0]!; line++) {
          for (let column = left[0]!; column < left[0]! + wide[0]!; column++)
            best[(c * height + line) * width + column]! += change[c]!;
        }
      }
    },
  };
}

/** Patches of several rounds, as one question takes them; rows draw in turn, round by round. */
export function linfPatches(
  { rng, epsilon }: Pick<AttackContext, "rng" | "epsilon">,
  image: Image,
  { rows, shares }: { readonly rows: number; readonly shares: readonly number[] },
): SquarePatches {
  const { channels, height, width } = image;
  const rounds = shares.length;
  const [top, left] = [new Int32Array(rows * rounds), new Int32Array(rows * rounds)];
  const change = new Float32Array(rows * rounds * channels);
  const windows = shares.map((share) => image.window(share));
  for (const [round, [tall, wide]] of windows.entries()) {
    for (let row = 0; row < rows; row++) {
      const at = row * rounds + round;
      top[at] = rng.below(height - tall + 1);
      left[at] = rng.below(width - wide + 1);
      // Twice the radius: the projection brings it to the edge on the other side.
      for (let c = 0; c < channels; c++) change[at * channels + c] = 2 * epsilon * signOf(rng);
    }
  }
  return {
    top,
    left,
    change,
    tall: Int32Array.from(windows, ([tall]) => tall),
    wide: Int32Array.from(windows, ([, wide]) => wide),
  };
}
