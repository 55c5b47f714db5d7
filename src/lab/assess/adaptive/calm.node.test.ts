import { describe, expect, it } from "vitest";
import { GraphBuilder, tensorOf, toNumbers, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { withoutNoise } from "./calm.ts";

/** The model x + noise over three numbers. */
function noisy(noise: (b: GraphBuilder) => string): Model {
  const b = new GraphBuilder();
  b.input("x", "float32", [3]);
  b.output(b.op("Add", ["x", noise(b)]), "float32", [3]);
  return b.model();
}

async function answer(model: Model): Promise<number[]> {
  const session = await openSession(writeModel(model), { threads: 1 });
  try {
    return toNumbers((await session.run({ x: tensorOf("float32", [3], [1, 2, 3]) }))[model.graph.outputs[0]!.name]!);
  } finally {
    await session.close();
  }
}

describe("a model without its noise", () => {
  it.for([
    ["normal noise", (b: GraphBuilder) => b.op("RandomNormalLike", ["x"], { mean: 0.5, scale: 3 }), 0.5],
    ["even noise", (b: GraphBuilder) => b.op("RandomUniformLike", ["x"], { low: 1, high: 3 }), 2],
    ["noise of a shape", (b: GraphBuilder) => b.op("RandomNormal", [], { shape: [3], mean: -1 }), -1],
  ] as const)("answers with the mean of %s", async ([, noise, mean]) => {
    const calm = withoutNoise(noisy(noise));
    expect(await answer(calm!)).toEqual([1 + mean, 2 + mean, 3 + mean]);
  });

  it("is none where there is no noise", () => {
    expect(withoutNoise(noisy((b) => b.op("Abs", ["x"])))).toBeUndefined();
  });
});
