/** Laws of the gradient registry: every rule agrees with difference quotients, and so does the gradient of what it writes. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { definitions } from "../../src/model/autodiff/index.ts";
import { families } from "./gradient/families.ts";
import { compareDerivatives } from "./gradient/compare.ts";

// A fixed seed for everyone's run; to look further: GRADIENT_RUNS=100 GRADIENT_SEED=$RANDOM.
const runs = Number(process.env["GRADIENT_RUNS"] ?? 3);
const seed = Number(process.env["GRADIENT_SEED"] ?? 4);

describe("gradient rules", () => {
  const covered = new Set(families.flatMap(({ ops }) => ops));

  it("are all held against difference quotients", () => {
    // What only approximates a derivative cannot agree with one; straight-through.test.ts says what it does.
    const differentiable = definitions
      .filter(
        (definition) =>
          (definition.kind === "gradient" || definition.kind === "lowering") && definition.approximates === undefined,
      )
      .flatMap(({ ops }) => ops);
    expect(differentiable.filter((op) => !covered.has(op))).toEqual([]);
  });

  for (const { ops, cases } of families) {
    it(`of ${ops.join(", ")} agree with difference quotients, in the first and the second order`, async () => {
      await fc.assert(
        fc.asyncProperty(cases, fc.nat(), fc.boolean(), async (of, seed, open) => {
          await compareDerivatives(of, { seed, open: open && of.open !== false });
        }),
        { numRuns: runs, seed },
      );
    });
  }
});
