import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { aboutModel, GraphBuilder, readModel, tensorOf } from "./index.ts";
import type { Model } from "./index.ts";

const root = join(import.meta.dirname, "../../..");
const at = (path: string): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

/** y = softmax(x · w), `layers` times. */
function affine(layers: number, last?: string): Model {
  const b = new GraphBuilder();
  let value = b.input("x", "float32", ["N", 4]);
  for (let i = 0; i < layers; i++) {
    b.initializer(`w${i}`, tensorOf("float32", [4, 4], new Float32Array(16)));
    value = b.op("MatMul", [value, `w${i}`]);
  }
  b.output(last === undefined ? value : b.op(last, [value]), "float32", ["N", 4]);
  return b.model();
}

describe("what a graph is", () => {
  it.for([
    ["examples/models/digits.onnx", "convolutional neural network"],
    ["examples/spam/filter.onnx", "linear model"],
    ["test/fixtures/gradients/mobile-dynamo/model.onnx", "convolutional neural network"],
    ["test/fixtures/gradients/mlp-script/model.onnx", "feedforward neural network"],
    ["test/fixtures/attention/bert-script/model.onnx", "transformer"],
    ["test/fixtures/attention/bert-dynamo/model.onnx", "transformer"],
    ["test/fixtures/attention/hfvit-script/model.onnx", "transformer"],
    ["test/fixtures/gradients/vit-script/model.onnx", "transformer"],
    ["test/fixtures/models/sk_logreg_digits.onnx", "linear model"],
  ])("%s: %s", ([path, family]) => expect(aboutModel(at(path!)).family).toBe(family));

  it("is told from how many layers it has, and not at all where there is none", () => {
    expect([0, 1, 2].map((layers) => aboutModel(affine(layers)).family)).toEqual([
      undefined,
      "linear model",
      "feedforward neural network",
    ]);
  });

  it("has a task only where its end has but one", () => {
    expect(aboutModel(affine(1)).task).toBeUndefined();
    expect(aboutModel(affine(1, "Softmax")).task).toBe("classification");
    expect(aboutModel(at("test/fixtures/models/sk_logreg_digits.onnx")).task).toBe("classification");
  });

  it("lists operators, types and short entries, and leaves a tokeniser out", () => {
    const model = {
      ...affine(2, "Relu"),
      metadata: new Map([
        ["a", "b"],
        ["vocabulary", "x".repeat(70_000)],
      ]),
    };
    const about = aboutModel(model);
    expect(about.operators).toEqual({ MatMul: 2, Relu: 1 });
    expect(about.inputs).toEqual([{ name: "x", type: "float32[N,4]" }]);
    expect([...about.metadata]).toEqual([["a", "b"]]);
  });
});
