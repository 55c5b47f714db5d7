import { readFileSync } from "node:fs";
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
