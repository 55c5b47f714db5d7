import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { contractOf, costOf, GraphBuilder, readModel, tensorOf, withoutZipMap } from "./index.ts";
import type { Dim, Model } from "./index.ts";

const root = join(import.meta.dirname, "../../..");
const load = (path: string): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

/** A model of one input and one operator, with no declared shape on its output. */
function model(dims: readonly Dim[] | undefined, op: (b: GraphBuilder, x: string) => string): Model {
  const b = new GraphBuilder();
  b.output(op(b, b.input("x", "float32", dims)), "float32");
  return b.model();
}

describe("a contract", () => {
  it("says what the digit classifier takes and gives", () => {
    expect(contractOf(load("examples/models/digits.onnx"))).toEqual({
      inputs: [{ name: "input", type: "float32", dims: ["N", 1, 28, 28] }],
      outputs: [{ name: "logits", type: "float32", dims: ["N", 10] }],
      batch: "dynamic",
      rowsApart: true,
      maxBatch: 256,
    });
  });

  it("finds the batch of scikit-learn's exports, which do not name it", () => {
    expect(contractOf(load("test/fixtures/models/sk_logreg_digits.onnx"))).toEqual({
      inputs: [{ name: "X", type: "float32", dims: [null, 64] }],
      outputs: [
        { name: "label", type: "int64", dims: [null] },
        { name: "probabilities", type: "float32", dims: [null, 10] },
      ],
      batch: "dynamic",
      rowsApart: true,
      maxBatch: 256,
    });
  });

  it.for([
    ["rows that stay rows", ["N", 4], "Neg", "dynamic"],
    ["rows of no name", [null, 4], "Neg", "dynamic"],
    ["a fixed batch", [8, 4], "Neg", "fixed"],
    ["rows that are summed up", ["N", 4], "sum", "none"],
    ["rows that move", ["N", 4], "transpose", "none"],
    ["no dimensions", [], "Neg", "none"],
  ] as [string, Dim[], string, string][])("sees %s", ([, dims, op, batch]) => {
    const built = model(dims, (b, x) => {
      if (op === "sum") return b.op("ReduceSum", [x], { keepdims: 0 });
      return op === "transpose" ? b.op("Transpose", [x], { perm: [1, 0] }) : b.op(op, [x]);
    });
    expect(contractOf(built).batch).toBe(batch);
  });

  it("does not believe a declared batch that the graph contradicts", () => {
    const b = new GraphBuilder();
    const sum = b.op("ReduceSum", [b.input("x", "float32", ["N", 4]), b.ints([0])], { keepdims: 1 });
    b.output(sum, "float32", ["N", 4]);
    const contract = contractOf(b.model());
    expect(contract.batch).toBe("none");
    expect(contract.outputs[0]!.dims).toEqual([1, 4]);
  });

  it("does not ask for what the file already holds", () => {
    const b = new GraphBuilder();
    b.input("x", "float32", ["N", 2]);
    b.input("w", "float32", [2, 2]);
    const { graph } = b.model();
    const built: Model = {
      ...b.model(),
      graph: {
        ...graph,
        initializers: new Map([["w", tensorOf("float32", [2, 2], [1, 0, 0, 1])]]),
        nodes: [{ op: "MatMul", domain: "", name: "", inputs: ["x", "w"], outputs: ["y"], attributes: new Map() }],
        outputs: [{ name: "y" }],
      },
    };
    expect(contractOf(built).inputs.map(({ name }) => name)).toEqual(["x"]);
    expect(contractOf(built).outputs).toEqual([{ name: "y", type: "float32", dims: ["N", 2] }]);
  });

  const zipped = (): Model => {
    const b = new GraphBuilder({
      opsets: new Map([
        ["", 18],
        ["ai.onnx.ml", 3],
      ]),
    });
    const x = b.input("x", "float32", [null, 3]);
    b.call({ op: "ZipMap", domain: "ai.onnx.ml", inputs: [x], outputs: ["p"], attributes: { classlabels_int64s: [0, 1, 2] } });
    const map = { kind: "map" as const, key: "int64" as const, of: { kind: "tensor" as const, elementType: "float32" as const } };
    const built = b.model();
    return { ...built, graph: { ...built.graph, outputs: [{ name: "p", type: { kind: "sequence", of: map } }] } };
  };

  it("refuses scikit-learn's dictionaries and says how to export without them", () => {
    expect(() => contractOf(zipped())).toThrow(
      expect.objectContaining({ code: "onnx/no-contract", hint: expect.stringContaining('{"zipmap": False}') }),
    );
  });

  it("can be had by taking the dictionaries out of the graph", () => {
    const opened = withoutZipMap(zipped());
    expect(contractOf(opened).outputs).toEqual([{ name: "p", type: "float32", dims: [null, 3] }]);
    expect(costOf(opened).nodes).toBe(1);
    expect(withoutZipMap(opened)).toBe(opened);
  });

  it("refuses inputs of unknown rank", () => {
    expect(() => contractOf(model(undefined, (b, x) => b.op("Neg", [x])))).toThrow(
      expect.objectContaining({ code: "onnx/no-contract" }),
    );
  });
});

describe("rows", () => {
  /** x: float32[N,4,6] through operators; whether its rows are proven apart. */
  const apart = (build: (b: GraphBuilder, x: string) => string): boolean | undefined => {
    const b = new GraphBuilder();
    b.output(build(b, b.input("x", "float32", ["N", 4, 6])), "float32");
    return contractOf(b.model()).rowsApart;
  };
  const ones = (b: GraphBuilder, dims: readonly number[]): string => {
    const count = dims.reduce((x, y) => x * y, 1);
    return b.constant(
      tensorOf(
        "float32",
        dims,
        Array.from({ length: count }, () => 1),
      ),
    );
  };
  const norms = (b: GraphBuilder) => [ones(b, [4]), ones(b, [4]), ones(b, [4]), ones(b, [4])];

  const keeping: readonly (readonly [string, (b: GraphBuilder, x: string) => string])[] = [
    ["elementwise", (b, x) => b.op("Relu", [b.op("Add", [x, ones(b, [6])])])],
    ["a dense layer", (b, x) => b.op("MatMul", [x, ones(b, [6, 3])])],
    ["Softmax over features", (b, x) => b.op("Softmax", [x], { axis: -1 })],
    ["BatchNormalization as it serves", (b, x) => b.op("BatchNormalization", [x, ...norms(b)])],
    [
      "attention within a row",
      (b, x) =>
        b.op("MatMul", [b.op("Softmax", [b.op("MatMul", [x, b.op("Transpose", [x], { perm: [0, 2, 1] })])], { axis: -1 }), x]),
    ],
    [
      "a reshape by the row's own size",
      (b, x) => b.op("Reshape", [x, b.op("Concat", [b.op("Shape", [x], { start: 0, end: 1 }), b.ints([24])], { axis: 0 })]),
    ],
    [
      "a detour over another axis",
      (b, x) => b.op("Transpose", [b.op("Neg", [b.op("Transpose", [x], { perm: [1, 0, 2] })])], { perm: [1, 0, 2] }),
    ],
  ];
  it.for(keeping)("stay apart through %s", ([, build]) => expect(apart(build)).toBe(true));

  const mixing: readonly (readonly [string, (b: GraphBuilder, x: string) => string])[] = [
    ["the mean of the batch taken off", (b, x) => b.op("Sub", [x, b.op("ReduceMean", [x, b.ints([0])])])],
    ["Softmax over the batch", (b, x) => b.op("Softmax", [x], { axis: 0 })],
    [
      "BatchNormalization as it trains",
      (b, x) => b.call({ op: "BatchNormalization", inputs: [x, ...norms(b)], attributes: { training_mode: 1 }, outputs: 3 })[0]!,
    ],
    ["rows in another order", (b, x) => b.op("Slice", [x, b.ints([-1]), b.ints([-(2n ** 62n)]), b.ints([0]), b.ints([-1])])],
    [
      "rows picked by index",
      (b, x) =>
        b.op(
          "Gather",
          [
            x,
            b.op("Range", [
              b.scalar("int64", 0),
              b.op("Squeeze", [b.op("Shape", [x], { start: 0, end: 1 })]),
              b.scalar("int64", 1),
            ]),
          ],
          { axis: 0 },
        ),
    ],
    ["a running sum", (b, x) => b.op("CumSum", [x, b.scalar("int64", 0)])],
    ["a scrambling reshape", (b, x) => b.op("Reshape", [b.op("Reshape", [x, b.ints([4, -1, 6])]), b.ints([-1, 4, 6])])],
    ["a shift by padding", (b, x) => b.op("Pad", [x, b.ints([1, 0, 0, -1, 0, 0])])],
    [
      "one scale for the whole batch",
      (b, x) => b.op("DequantizeLinear", [...b.call({ op: "DynamicQuantizeLinear", inputs: [x], outputs: 3 })]),
    ],
    ["similarities between rows", (b, x) => b.op("MatMul", [b.op("Flatten", [x]), b.op("Transpose", [b.op("Flatten", [x])])])],
    [
      "the number of rows as a value",
      (b, x) => b.op("Div", [x, b.op("Cast", [b.op("Shape", [x], { start: 0, end: 1 })], { to: 1 })]),
    ],
    [
      "a body that we do not follow",
      (b, x) => {
        const branch = new GraphBuilder({ name: "branch" });
        branch.output(branch.op("Neg", [x]), "float32", ["N", 4, 6]);
        const attributes = { then_branch: branch.build(), else_branch: branch.build() };
        return b.call({ op: "If", inputs: [b.constant(tensorOf("bool", [], [1]))], attributes })[0]!;
      },
    ],
  ];
  it.for(mixing)("are not proven apart after %s", ([, build]) => expect(apart(build)).toBe(false));

  it("stay apart in every network of the fixtures", () => {
    const names = ["lenet", "mlp", "mobile", "vit", "autoencoder", "text"].flatMap((name) => [
      `${name}-script`,
      `${name}-dynamo`,
    ]);
    const found = names.filter((name) => existsSync(join(root, `test/fixtures/gradients/${name}/model.onnx`)));
    expect(found.filter((name) => contractOf(load(`test/fixtures/gradients/${name}/model.onnx`)).rowsApart !== true)).toEqual([]);
    expect(found.length).toBeGreaterThan(8);
  });
});
