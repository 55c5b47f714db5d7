// The same gradient graph in Chromium (onnxruntime-web) and here (onnxruntime-node). Needs `npm run build` and Chromium.
import { describe, expect, it } from "vitest";
import { gradient } from "../../src/model/autodiff/index.ts";
import { readModel, tensorOf, toNumbers, writeModel } from "../../src/model/onnx/index.ts";
import { openSession } from "../../src/model/runtime/index.node.ts";
import { inChromium } from "../helpers/chromium.ts";
import { digits, digitsModel } from "../helpers/digits.ts";

const rows = 4;

describe("a gradient in Chromium", () => {
  it("is derived there from the same file, and is what Node computes, by the input and by every weight", async () => {
    const derived = gradient(readModel(digitsModel()), { loss: "cross-entropy", wrt: "all" });
    const session = await openSession(writeModel(derived.model));
    const labels = tensorOf("int64", [rows], [0, 3, 7, 9]);
    const here = await session.run({ ...digits(0, rows), [derived.labels!.name]: labels });
    await session.close();

    const there = await inChromium<{ loss: number; gradients: [string, number[]][] }>(
      `
      import { readModel, writeModel } from "modelkeep/onnx";
      import { gradient } from "modelkeep/autodiff";
      import { openSession } from "modelkeep/runtime";
      const file = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
      const floats = (tensor) => [...new Float32Array(tensor.data.slice().buffer)];
      export default async () => {
        const { model, gradients, lossOutput, labels } = gradient(readModel(await file("/model")), { loss: "cross-entropy", wrt: "all" });
        const session = await openSession(writeModel(model), { assets: "/node_modules/onnxruntime-web/dist/" });
        const outputs = await session.run({
          input: { type: "float32", dims: [${rows}, 1, 28, 28], data: await file("/x") },
          [labels.name]: { type: "int64", dims: [${rows}], data: await file("/y") },
        });
        await session.close();
        return { loss: floats(outputs[lossOutput])[0], gradients: [...gradients].map(([name, output]) => [name, floats(outputs[output])]) };
      };`,
      { model: digitsModel(), x: digits(0, rows).input.data, y: labels.data },
    );

    expect(there.loss).toBeCloseTo(toNumbers(here[derived.lossOutput]!)[0]!, 5);
    expect(there.gradients.map(([name]) => name)).toEqual([...derived.gradients.keys()]);
    expect(there.gradients.length).toBeGreaterThan(4);
    for (const [name, values] of there.gradients) {
      const expected = toNumbers(here[derived.gradients.get(name)!]!);
      expect(values.length, name).toBe(expected.length);
      expect(
        values.filter((value, i) => Math.abs(value - expected[i]!) > 1e-5 * Math.max(1, Math.abs(expected[i]!))),
        name,
      ).toEqual([]);
    }
  });
});
