import { describe, expect, it } from "vitest";
import { classLabels, GraphBuilder, stringTensor, tensorOf } from "../../../model/onnx/index.ts";
import { classNumbers } from "./labels.ts";

const field = { dims: [] } as const;

describe("labels as class numbers", () => {
  it("are places among the classes that the model names", () => {
    const words = stringTensor([3], ["spam", "ham", "spam"]);
    expect([...classNumbers(words, field, ["ham", "spam"])]).toEqual([1, 0, 1]);
    const numbers = tensorOf("int64", [3], [3, 1, 2]);
    expect([...classNumbers(numbers, field, ["1", "2", "3"])]).toEqual([2, 0, 1]);
    expect([...classNumbers(numbers, field)]).toEqual([3, 1, 2]);
    // Numbers are places already where the classes are words.
    expect([...classNumbers(tensorOf("int64", [2], [1, 0]), field, ["ham", "spam"])]).toEqual([1, 0]);
  });

  it("are refused in words when the model has no such class, or does not say what they are called", () => {
    const words = stringTensor([1], ["eggs"]);
    expect(() => classNumbers(words, field, ["ham", "spam"])).toThrow(
      "label `eggs` at position 0 is none of the model's 2 classes",
    );
    expect(() => classNumbers(words, field)).toThrow("the model does not say what its classes are called");
  });

  it("a model of scikit-learn says what its classes are called", () => {
    const b = new GraphBuilder({
      opsets: new Map([
        ["", 18],
        ["ai.onnx.ml", 3],
      ]),
    });
    const inputs = [b.input("x", "float32", ["N", 2])];
    const attributes = { classlabels_strings: ["ham", "spam"], coefficients: [1, 0, 0, 1], intercepts: [0, 0] };
    b.call({ op: "LinearClassifier", domain: "ai.onnx.ml", inputs, attributes, outputs: ["label", "scores"] });
    b.output("scores");
    expect(classLabels(b.model())).toEqual(["ham", "spam"]);
    expect(classLabels(new GraphBuilder().model())).toBeUndefined();
  });
});
