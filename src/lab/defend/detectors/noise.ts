import { z } from "zod";
import { createSeeded } from "../../../base/math/index.ts";
import { tensorOf } from "../../../model/onnx/index.ts";
import { rangeParams } from "../front/range.ts";
import { unsupported } from "../refuse.ts";
import { apart, defineDetector } from "../watch/define.ts";

/**
 * Answers to what came and to noisy copies of it, compared on average: a point that was pushed over a boundary lies close to it, and noise pushes it
 * back. Roth, Kilcher and Hofmann 2019 (arXiv:1902.04818). The noise is drawn once and kept in the file: the same input gives the same answer, and
 * an attacker who has the file has the noise, as it should be assumed.
 */
export const noiseDetector = defineDetector({
  id: "noise",
  title: "answers to noisy copies differ",
  params: z.strictObject({
    sigma: z.number().positive().max(1).default(0.1).describe("deviation of the noise, as a share of the range of values"),
    draws: z.int().min(1).max(16).default(4),
    seed: z.int().min(0).default(0),
    ...rangeParams,
  }),
  references: ["doi:10.48550/arXiv.1902.04818", "atlas:AML.M0015"],

  suspicion({ b, x, dims, probabilities, ask, params: { sigma, draws, seed, low, high } }) {
    const sizes = dims.slice(1).map((size) => {
      if (typeof size === "number") return size;
      throw unsupported(
        `noise is kept for each number of an example, and the model's input is [${dims.map((dim) => dim ?? "?").join(", ")}]`,
        "export the model with inputs of a fixed size",
      );
    });
    const width = sizes.reduce((product, size) => product * size, 1);
    const distances = Array.from({ length: draws }, (_, draw) => {
      const random = createSeeded(seed, 0xdefd, draw);
      const noise = Array.from({ length: width }, () => sigma * (high - low) * nearlyNormal(() => random.unit()));
      return apart(b, probabilities, ask(b.op("Add", [x, b.constant(tensorOf("float32", [1, ...sizes], noise), "noise")])));
    });
    return draws === 1 ? distances[0]! : b.op("Mean", distances);
  },
});

/** Twelve uniform numbers, summed: deviation 1. Tails beyond 6 are of no use here. */
const nearlyNormal = (unit: () => number): number => Array.from({ length: 12 }, unit).reduce((sum, value) => sum + value, -6);
