/** Laws of gradients for each example: equal to one example at a time, whatever the operator and the form in which products are kept. */
import fc from "fast-check";
import { describe, it } from "vitest";
import { families } from "./per-example/families.ts";
import { compareWithTruth } from "./per-example/truth.ts";

// A fixed seed for everyone's run; to look further: GRADIENT_RUNS=100 GRADIENT_SEED=$RANDOM.
const runs = Number(process.env["GRADIENT_RUNS"] ?? 3);
const seed = Number(process.env["GRADIENT_SEED"] ?? 4);

describe("gradients for each example", () => {
  it.for(families)("of $name equal those of one example at a time", async ({ nets }) => {
    await fc.assert(
      fc.asyncProperty(nets, fc.constantFrom("auto", "ghost", "materialise"), async ({ model, x }, operators) => {
        const wrt = [...model.graph.initializers].filter(([, { type }]) => type === "float32").map(([name]) => name);
        await compareWithTruth(model, { x, y: undefined }, { loss: "sum", wrt, operators });
      }),
      { numRuns: runs, seed },
    );
  });
});
