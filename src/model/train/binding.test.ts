import { describe, expect, it } from "vitest";
import { createDataset, tensorColumn } from "../data/index.ts";
import { GraphBuilder, tensorOf } from "../onnx/index.ts";
import type { Dim } from "../onnx/index.ts";
import { bindInputs } from "./binding.ts";

const modelOf = (dims: readonly Dim[]) => {
  const b = new GraphBuilder();
  b.output(b.op("Relu", [b.input("input", "float32", dims)]), "float32");
  return b.model();
};
const dataOf = (dims: readonly number[]) => {
  const count = dims.reduce((a, b) => a * b, 2);
  return createDataset("d", [tensorColumn("x", tensorOf("float32", [2, ...dims], new Float32Array(count)) as never)]);
};

describe("examples in the shape that a model takes", () => {
  it.for<[string, readonly number[], readonly Dim[], readonly number[]]>([
    ["as they are", [1, 8, 8], ["N", 1, 8, 8], [1, 8, 8]],
    ["of any size where the model has any", [7], ["N", "T"], [7]],
    ["grey images without an axis of colours, as IDX has them", [8, 8], ["N", 1, 8, 8], [1, 8, 8]],
    ["a flat vector for an image", [64], ["N", 1, 8, 8], [1, 8, 8]],
    ["an image for a flat vector", [1, 8, 8], ["N", 64], [64]],
    ["a column of numbers for numbers", [1], ["N"], []],
  ])("%s", ([, has, takes, gives]) => {
    expect(bindInputs(modelOf(takes), dataOf(has))[0]!.dims).toEqual(gives);
  });

  it.for<[readonly number[], readonly Dim[]]>([
    [
      [4, 16],
      ["N", 1, 8, 8],
    ],
    [
      [8, 8, 1, 2],
      ["N", 2, 8, 8],
    ],
    [[63], ["N", 1, 8, 8]],
    [
      [3, 8, 8],
      ["N", 1, 8, 8],
    ],
  ])("%j is none for %j, though some have as many numbers", ([has, takes]) => {
    expect(() => bindInputs(modelOf(takes), dataOf(has))).toThrow(
      expect.objectContaining({ code: "train/bad-data", hint: expect.stringContaining(`--input ${has.join("x")}`) as string }),
    );
  });
});
