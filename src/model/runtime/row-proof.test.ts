import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { digitsModel } from "../../../test/helpers/digits.ts";
import { GraphBuilder, readModel, tensorOf } from "../onnx/index.ts";
import type { Graph, Model } from "../onnx/index.ts";
import { proveRows } from "./row-proof.ts";
import type { RowProof } from "./row-proof.ts";

type Build = (b: GraphBuilder, x: string) => string;

/** What is proven of a graph over x: float32[N, 4]. */
function proof(build: Build, shape: (number | string)[] = ["N", 4], opset = 18): RowProof {
  const b = new GraphBuilder({ opsets: new Map([["", opset]]) });
  b.output(build(b, b.input("x", "float32", shape)));
  return proveRows(b.model());
}

const weights = (b: GraphBuilder, ...dims: number[]): string =>
  b.constant(tensorOf("float32", dims, new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(0.5)));
const mean = (b: GraphBuilder, x: string): string => b.op("ReduceMean", [x, b.ints([0])], { keepdims: 1 });

describe("the proof that rows keep apart", () => {
  it("holds for what people serve: convolutional, residual and transformer networks, text, autoencoders, forests", () => {
    const folder = new URL("../../../test/fixtures/gradients/", import.meta.url);
    const names = readdirSync(folder).filter((name) => !name.includes("."));
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) {
      expect([name, proveRows(readModel(readFileSync(new URL(`${name}/model.onnx`, folder))))]).toEqual([name, { proven: true }]);
    }
    for (const name of ["mnist_logreg", "sk_logreg_digits"]) {
      const bytes = readFileSync(new URL(`../../../test/fixtures/models/${name}.onnx`, import.meta.url));
      expect([name, proveRows(readModel(bytes))]).toEqual([name, { proven: true }]);
    }
    expect(proveRows(readModel(digitsModel()))).toEqual({ proven: true });
  });

  it.for<[string, Build, (number | string)[]?]>([
    [
      "rows that were moved to another axis and back",
      (b, x) => b.op("Transpose", [b.op("Tanh", [b.op("Transpose", [x], { perm: [1, 0] })])], { perm: [1, 0] }),
    ],
    [
      "attention among the positions of a row",
      (b, x) =>
        b.op("MatMul", [b.op("Softmax", [b.op("MatMul", [x, b.op("Transpose", [x], { perm: [0, 2, 1] })])], { axis: 2 }), x]),
      ["N", 5, 4],
    ],
    ["an einsum that keeps the rows' letter", (b, x) => b.op("Einsum", [x, weights(b, 4, 3)], { equation: "nd,dk->nk" })],
    ["a table looked up by each row", (b, x) => b.op("Gather", [weights(b, 10, 2), b.op("Cast", [x], { to: 7 })])],
    [
      "a recurrent layer over time",
      (b, x) => {
        const [, last] = b.call({
          op: "GRU",
          inputs: [b.op("Transpose", [x], { perm: [1, 0, 2] }), weights(b, 1, 9, 4), weights(b, 1, 9, 3)],
          attributes: { hidden_size: 3 },
          outputs: 2,
        });
        return b.op("Squeeze", [last!, b.ints([0])]);
      },
      ["N", 5, 4],
    ],
    ["something added to every row alike", (b, x) => b.op("Add", [x, b.op("Expand", [weights(b, 1, 4), b.op("Shape", [x])])])],
  ])("holds for %s", ([, build, shape]) => {
    expect(proof(build, shape)).toEqual({ proven: true });
  });

  it.for<[string, Build, (number | string)[]?, number?]>([
    ["the mean of the batch", (b, x) => b.op("Sub", [x, mean(b, x)])],
    [
      "a mean that comes in only beyond a threshold no probe would draw",
      (b, x) => b.op("Where", [b.op("Greater", [x, b.scalar("float32", 1e6)]), mean(b, x), x]),
    ],
    ["a softmax over rows", (b, x) => b.op("Softmax", [x], { axis: 0 })],
    ["an old softmax, which flattens all axes from its first", (b, x) => b.op("Softmax", [x], { axis: 0 }), ["N", 4], 11],
    ["a product of rows with rows", (b, x) => b.op("MatMul", [b.op("MatMul", [x, b.op("Transpose", [x], { perm: [1, 0] })]), x])],
    [
      "rows of one input beside other rows of the same",
      (b, x) => b.op("Add", [x, b.op("Slice", [x, b.ints([-1]), b.ints([-1000]), b.ints([0]), b.ints([-1])])]),
    ],
    [
      "rows taken by an index that a row gives",
      (b, x) => b.op("Gather", [x, b.op("Cast", [b.op("ReduceMax", [x, b.ints([1])], { keepdims: 0 })], { to: 7 })]),
    ],
    ["an einsum that sums the rows' letter", (b, x) => b.op("Add", [x, b.op("Einsum", [x], { equation: "nd->d" })])],
    ["an einsum that meets rows with rows", (b, x) => b.op("Einsum", [x, x], { equation: "nd,md->nd" })],
    [
      "rows and columns confused by a reshape",
      (b, x) => b.op("Reshape", [b.op("Transpose", [x], { perm: [1, 0] }), b.op("Shape", [x])]),
    ],
    [
      "a crop along the rows",
      (b, x) => {
        const roi = b.constant(tensorOf("float32", [4], [0.2, 0, 0.8, 1]));
        const size = b.op("Shape", [x]);
        return b.call({
          op: "Resize",
          inputs: [x, roi, undefined, size],
          attributes: { coordinate_transformation_mode: "tf_crop_and_resize", mode: "linear" },
        })[0]!;
      },
    ],
    [
      "one quantisation scale for the batch",
      (b, x) => {
        const [q, scale, zero] = b.call({ op: "DynamicQuantizeLinear", inputs: [x], outputs: 3 });
        return b.op("DequantizeLinear", [q, scale, zero]);
      },
    ],
    [
      "batch normalisation in training form",
      (b, x) => {
        return b.call({
          op: "BatchNormalization",
          inputs: [x, weights(b, 4), weights(b, 4), weights(b, 4), weights(b, 4)],
          attributes: { training_mode: 1 },
          outputs: 3,
        })[0]!;
      },
    ],
    [
      "recurrence over the rows",
      (b, x) => {
        const [y] = b.call({
          op: "RNN",
          inputs: [b.op("Unsqueeze", [x, b.ints([1])]), weights(b, 1, 3, 4), weights(b, 1, 3, 3)],
          attributes: { hidden_size: 3 },
          outputs: 2,
        });
        return y!;
      },
    ],
    ["padding that takes rows from the other end", (b, x) => b.op("Pad", [x, b.ints([1, 0, -1, 0]), b.scalar("float32", 0)])],
    [
      "padding with axes in another order",
      (b, x) => b.call({ op: "Pad", inputs: [x, b.ints([0, 1, 0, -1]), undefined, b.ints([1, 0])] })[0]!,
    ],
    [
      "a loop body that reads all rows from outside",
      (b, x) => {
        const body = new GraphBuilder();
        body.output(body.op("Identity", [x]), "float32", ["N", 4]);
        const branch: Graph = body.build();
        return b.op("If", [b.constant(tensorOf("bool", [], [1]))], { then_branch: branch, else_branch: branch });
      },
    ],
    ["an operator nobody here knows", (b, x) => b.call({ op: "Mystery", domain: "elsewhere", inputs: [x] })[0]!],
  ])("does not hold for %s", ([, build, shape, opset]) => {
    expect(proof(build, shape, opset)).toMatchObject({ proven: false });
  });

  it("does not hold for a classical model fed with a vector, which is one example", () => {
    const b = new GraphBuilder({
      opsets: new Map([
        ["", 18],
        ["ai.onnx.ml", 3],
      ]),
    });
    const x = b.input("x", "float32", ["N"]);
    b.output(b.call({ op: "Normalizer", domain: "ai.onnx.ml", inputs: [x], attributes: { norm: "L2" } })[0]!);
    expect(proveRows(b.model())).toMatchObject({ proven: false });
  });

  it("is not fooled by a function under a known operator's name, nor by shapes that the file only claims", () => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 4]);
    b.output(b.op("Relu", [x]));
    const honest: Model = b.model();
    expect(proveRows(honest)).toEqual({ proven: true });
    const body = { inputs: ["x"], outputs: ["y"], attributes: [], defaults: new Map(), opsets: new Map([["", 18]]), nodes: [] };
    expect(proveRows({ ...honest, functions: [{ name: "Relu", domain: "", ...body }] })).toEqual({ proven: false, at: "Relu" });

    const liar = new GraphBuilder();
    const flat = liar.op("Reshape", [liar.input("x", "float32", ["N", 4]), liar.ints([4, -1])]);
    liar.annotate({ name: flat, type: { kind: "tensor", elementType: "float32", dims: ["modelkeep__rows", 4] } });
    liar.output(liar.op("Relu", [flat]));
    expect(proveRows(liar.model())).toMatchObject({ proven: false });
  });
});
