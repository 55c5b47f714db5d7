/** What must hold of every step, whatever the model. */
import { describe, expect, it } from "vitest";
import { clouds, normals, smallNet } from "../../../test/helpers/train-sets.ts";
import { createDataset, tensorColumn } from "../data/index.ts";
import type { IndexedDataset } from "../data/index.ts";
import { tensorOf } from "../onnx/index.ts";
import type { Model } from "../onnx/index.ts";
import { newModel, train, trainToEnd } from "./index.node.ts";
import type { Gradients } from "./index.node.ts";

const rows = 12;
function images(): IndexedDataset {
  const x = tensorOf("float32", [rows, 1, 8, 8], normals(rows * 64, 4));
  const y = tensorOf(
    "int64",
    [rows],
    Array.from({ length: rows }, (_, i) => i % 3),
  );
  return createDataset("few", [tensorColumn("input", x as never), tensorColumn("y", y as never)], "y");
}

const cases: readonly [string, Model, IndexedDataset][] = [
  ["a small net", smallNet(), clouds(rows)],
  ["a net with batch normalisation", newModel("resnet8", { input: [1, 8, 8], classes: 3, seed: 1 }), images()],
  ["a vision transformer", newModel("transformer", { input: [1, 8, 8], classes: 3, seed: 1 }), images()],
];

/** The gradients of one step over all of the data, and its loss. */
async function gradientsOf(model: Model, data: IndexedDataset): Promise<{ loss: number; gradients: Gradients }> {
  let gradients: Gradients = {};
  const result = await trainToEnd(
    train({
      model,
      data,
      epochs: 1,
      batch: data.size,
      hooks: {
        update(given) {
          gradients = Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.slice()]));
          return given;
        },
      },
    }),
  );
  return { loss: result.history[0]!.loss, gradients };
}

describe("the gradients of a batch", () => {
  it.for(cases)("do not hang on the order of its examples: %s", async ([, model, data]) => {
    const turned = data.select(Uint32Array.from({ length: rows }, (_, i) => (i * 5 + 3) % rows));
    const [one, other] = [await gradientsOf(model, data), await gradientsOf(model, turned)];
    expect(other.loss).toBeCloseTo(one.loss, 5);
    for (const [name, values] of Object.entries(one.gradients)) {
      const size = Math.max(1e-3, ...values.map(Math.abs));
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - other.gradients[name]![i]!)), 0);
      expect(worst / size, name).toBeLessThan(1e-5);
    }
  });
});
