import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { load } from "../../../../test/helpers/ort.ts";
import { gradient } from "../../autodiff/index.ts";
import { GraphBuilder, tensorOf, toNumbers } from "../../onnx/index.ts";
import { labelType } from "./define.ts";
import { losses } from "./index.ts";
import type { LossName } from "./index.ts";

interface Case {
  readonly name: string;
  readonly loss: LossName;
  readonly smoothing: number;
  readonly dims: readonly number[];
  readonly scores: readonly number[];
  readonly labels: { readonly dims: readonly number[]; readonly values: readonly number[] };
  readonly losses: readonly number[];
  readonly gradient: readonly number[];
}

/** Made by `losses.py` beside it, with PyTorch. */
const cases = JSON.parse(readFileSync(new URL("../../../../test/fixtures/train/losses.json", import.meta.url), "utf8")) as Case[];

describe("losses are those of PyTorch, and so are their gradients:", () => {
  it("all of them", () => {
    expect(new Set(cases.map(({ loss }) => loss))).toEqual(new Set(losses.all.map(({ id }) => id)));
  });

  it.for(cases)("$name", async ({ loss: id, smoothing, dims, scores, labels, ...truth }) => {
    const loss = losses.get(id);
    const b = new GraphBuilder();
    const output = b.input("scores", "float32", dims);
    const given = b.input("labels", labelType(loss.labels), labels.dims);
    const own = loss.write({ b, output, dims, labels: given, smoothing });
    b.output(own, "float32", [dims[0]!]);
    b.output(b.op("ReduceMean", [own], { keepdims: 0 }), "float32", []);
    const model = b.model();
    const [each, mean] = model.graph.outputs.map(({ name }) => name) as [string, string];
    const made = gradient(model, { loss: "sum", output: mean, wrt: ["scores"], keep: [each] });
    const session = await load(made.model);
    const outputs = await session.run({
      scores: tensorOf("float32", dims, scores),
      labels: tensorOf(labelType(loss.labels), labels.dims, labels.values),
    });
    await session.close();
    const near = (got: readonly number[], want: readonly number[]): void => {
      expect(got).toHaveLength(want.length);
      for (const [i, value] of want.entries())
        expect(Math.abs(got[i]! - value)).toBeLessThanOrEqual(2e-6 * Math.max(1, Math.abs(value)));
    };
    near(toNumbers(outputs[each]!), truth.losses);
    near(toNumbers(outputs[made.gradients.get("scores")!]!), truth.gradient);
  });
});
