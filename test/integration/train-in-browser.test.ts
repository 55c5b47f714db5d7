// The same steps of training in Chromium (onnxruntime-web) and here (onnxruntime-node). Needs `npm run build` and Chromium.
import { expect, it } from "vitest";
import { createDataset, tensorColumn } from "../../src/model/data/index.ts";
import { readModel, tensorOf, toFloat } from "../../src/model/onnx/index.ts";
import { train, trainToEnd } from "../../src/model/train/index.node.ts";
import { inChromium } from "../helpers/chromium.ts";
import { digits, digitsModel } from "../helpers/digits.ts";

const rows = 12;
const recipes = [
  { epochs: 1, batch: 4, seed: 3, optimizer: "sgd", momentum: 0.9, nesterov: true, lr: 0.05, clipNorm: 1 },
  { epochs: 1, batch: 4, seed: 3, optimizer: "adamw" },
] as const;

interface Learnt {
  readonly loss: number;
  readonly weights: readonly [string, readonly number[]][];
}

it("three steps in Chromium move every weight as they do in Node", async () => {
  const x = digits(0, rows).input;
  const y = tensorOf(
    "int64",
    [rows],
    Array.from({ length: rows }, (_, i) => (7 * i) % 10),
  );
  const data = createDataset("few", [tensorColumn("input", x as never), tensorColumn("y", y as never)], "y");
  const learnt = await inChromium<Learnt[]>(
    `
    import { readModel } from "modelkeep/onnx";
    import { createDataset, tensorColumn } from "modelkeep/data";
    import { train, trainToEnd } from "modelkeep/train";
    const file = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
    const floats = ({ data }) => [...new Float32Array(data.slice().buffer)];
    export default async () => {
      const x = { type: "float32", dims: [${rows}, 1, 28, 28], data: await file("/x") };
      const y = { type: "int64", dims: [${rows}], data: await file("/y") };
      const data = createDataset("few", [tensorColumn("input", x), tensorColumn("y", y)], "y");
      const model = readModel(await file("/model"));
      const learnt = [];
      for (const recipe of ${JSON.stringify(recipes)}) {
        const training = train({ ...recipe, model, data, assets: "/node_modules/onnxruntime-web/dist/" });
        const { weights, history } = await trainToEnd(training);
        learnt.push({ loss: history[0].loss, weights: Object.entries(weights).map(([name, tensor]) => [name, floats(tensor)]) });
      }
      return learnt;
    };`,
    { model: digitsModel(), x: x.data, y: y.data },
  );

  const model = readModel(digitsModel());
  for (const [i, recipe] of recipes.entries()) {
    const here = await trainToEnd(train({ ...recipe, model, data }));
    const there = learnt[i]!;
    expect(there.loss).toBeCloseTo(here.history[0]!.loss, 5);
    expect(there.weights.map(([name]) => name)).toEqual(Object.keys(here.weights));
    for (const [name, values] of there.weights) {
      const [expected, before] = [toFloat(here.weights[name]!), toFloat(model.graph.initializers.get(name)!)];
      expect(expected, name).not.toEqual(before);
      const apart = values.filter((value, at) => Math.abs(value - expected[at]!) > 1e-5 * Math.max(1, Math.abs(expected[at]!)));
      // Adam divides a gradient by its own size: one that is nothing but rounding may point either way, and moves its weight by as much as any.
      expect(apart.length / values.length, `${recipe.optimizer} ${name}`).toBeLessThan(recipe.optimizer === "sgd" ? 1e-9 : 1e-3);
    }
  }
});
