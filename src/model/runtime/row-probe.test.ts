// Starts workers from dist/: `npm run build` first.
import { describe, expect, it } from "vitest";
import { digitsContract, digitsModel } from "../../../test/helpers/digits.ts";
import { GraphBuilder, readModel, tensorOf, writeModel } from "../onnx/index.ts";
import { createHost } from "./host.ts";
import type { ModelContract, TensorSpec } from "../onnx/index.ts";
import { probeRows } from "./row-probe.ts";
import { proveRows } from "./row-proof.ts";
import type { RowVerdict } from "./row-probe.ts";
import { startThread } from "./thread-link.node.ts";

/** Probes a model on a session of its own. */
async function probe(bytes: Uint8Array, contract: ModelContract): Promise<RowVerdict> {
  const host = createHost(startThread);
  try {
    await host.open(bytes, { timeoutMs: 10_000, maxOutputBytes: 2 ** 20 });
    return await probeRows(contract, proveRows(readModel(bytes)), (inputs) =>
      host.run(inputs, { outputs: [], timeoutMs: 10_000 }),
    );
  } finally {
    await host.close();
  }
}

type Build = (b: GraphBuilder, x: string) => string;

/** A graph over x: float32[N, 4] with one output, and its contract. */
function over(build: Build, output: TensorSpec["dims"] = ["N", 4]): [Uint8Array, ModelContract] {
  const b = new GraphBuilder();
  const y = b.op("Identity", [build(b, b.input("x", "float32", ["N", 4]))]);
  b.output(y, "float32", output);
  const contract: ModelContract = {
    inputs: [{ name: "x", type: "float32", dims: ["N", 4] }],
    outputs: [{ name: y, type: "float32", dims: output }],
    batch: "dynamic",
    maxBatch: 64,
  };
  return [writeModel(b.model()), contract];
}

const vector = (b: GraphBuilder, name: string, value: number): string =>
  b.initializer(name, tensorOf("float32", [4], [value, value, value, value]));

describe("trying out whether rows keep apart", () => {
  it.for<[string, Build]>([
    ["an activation", (b, x) => b.op("Tanh", [x])],
    ["a softmax over columns", (b, x) => b.op("Softmax", [x], { axis: 1 })],
    [
      "a layer",
      (b, x) =>
        b.op("MatMul", [
          x,
          b.initializer(
            "w",
            tensorOf(
              "float32",
              [4, 4],
              Array.from({ length: 16 }, (_, i) => i - 7),
            ),
          ),
        ]),
    ],
    [
      "batch normalisation with stored statistics",
      (b, x) => b.op("BatchNormalization", [x, vector(b, "s", 2), vector(b, "o", 1), vector(b, "m", 0), vector(b, "v", 1)]),
    ],
    ["a logarithm that gives NaN for some rows", (b, x) => b.op("Log", [x])],
  ])("finds that they do in %s", async ([, build]) => {
    expect(await probe(...over(build))).toMatchObject({ independent: true });
  });

  it("finds that they do in the digit classifier, to the last bits", async () => {
    const verdict = await probe(digitsModel(), digitsContract);
    expect(verdict).toMatchObject({ independent: true });
    expect(verdict.independent && verdict.deviation).toBeLessThan(1e-5);
  });

  it.for<[string, Build, string]>([
    ["the mean of the batch", (b, x) => b.op("Sub", [x, b.op("ReduceMean", [x, b.ints([0])], { keepdims: 1 })]), "neighbours"],
    ["a softmax over rows", (b, x) => b.op("Softmax", [x], { axis: 0 }), "neighbours"],
    ["a running sum over rows", (b, x) => b.op("CumSum", [x, b.scalar("int64", 0)]), "neighbours"],
    [
      "one quantisation scale for the whole batch",
      (b, x) => {
        const [q, scale, zero] = b.call({ op: "DynamicQuantizeLinear", inputs: [x], outputs: 3 });
        return b.op("DequantizeLinear", [q, scale, zero]);
      },
      "neighbours",
    ],
    ["reversed order", (b, x) => b.op("Slice", [x, b.ints([-1]), b.ints([-1000]), b.ints([0]), b.ints([-1])]), ""],
    ["random numbers", (b, x) => b.op("Add", [x, b.op("RandomNormalLike", [x])]), "twice"],
    ["a sum with the number of rows", (b, x) => b.op("Add", [x, b.op("Cast", [b.op("Size", [x])], { to: 1 })]), "alone"],
  ])("finds that they do not in %s", async ([, build, reason]) => {
    const verdict = await probe(...over(build));
    expect(verdict).toMatchObject({ independent: false, reason: expect.stringContaining(reason) });
  });

  it("does not trust an answer that no input changed", async () => {
    expect(await probe(...over((b, x) => b.op("Sub", [x, x])))).toMatchObject({
      independent: false,
      reason: expect.stringContaining("same for all inputs"),
    });
  });

  it("does not batch outputs without a row for each input row, nor contracts without a free batch", async () => {
    const [bytes, contract] = over((b, x) => b.op("ReduceSum", [x, b.ints([0])], { keepdims: 1 }), [1, 4]);
    expect(await probe(bytes, contract)).toMatchObject({ independent: false });
    expect(await probe(digitsModel(), { ...digitsContract, batch: "fixed" })).toMatchObject({ independent: false });
    expect(await probe(digitsModel(), { ...digitsContract, maxBatch: 1 })).toMatchObject({ independent: false });
  });

  it("finds sizes for free dimensions and indices that a table has", async () => {
    const b = new GraphBuilder();
    const table = b.initializer(
      "table",
      tensorOf(
        "float32",
        [10, 2],
        Array.from({ length: 20 }, (_, i) => i),
      ),
    );
    const mean = b.op("ReduceMean", [b.op("Gather", [table, b.input("ids", "int64", ["N", "T"])]), b.ints([1])], { keepdims: 0 });
    b.output(mean, "float32", ["N", 2]);
    const contract: ModelContract = {
      inputs: [{ name: "ids", type: "int64", dims: ["N", "T"] }],
      outputs: [{ name: mean, type: "float32", dims: ["N", 2] }],
      batch: "dynamic",
      maxBatch: 8,
    };
    expect(await probe(writeModel(b.model()), contract)).toMatchObject({ independent: true });
  });

  it("stays within declared ranges and allowed values", async () => {
    const b = new GraphBuilder();
    const table = b.initializer(
      "table",
      tensorOf(
        "float32",
        [31],
        Array.from({ length: 31 }, (_, i) => i * i),
      ),
    );
    const shifted = b.op("Sub", [b.input("i", "int64", ["N"]), b.scalar("int64", 1000)]);
    const y = b.op("Gather", [table, shifted]);
    b.output(y, "float32", ["N"]);
    const bytes = writeModel(b.model());
    const contract = (input: Partial<TensorSpec>): ModelContract => ({
      inputs: [{ name: "i", type: "int64", dims: ["N"], ...input }],
      outputs: [{ name: y, type: "float32", dims: ["N"] }],
      batch: "dynamic",
      maxBatch: 8,
    });
    expect(await probe(bytes, contract({}))).toMatchObject({ independent: false, reason: expect.stringContaining("no inputs") });
    expect(await probe(bytes, contract({ min: 1000, max: 1030 }))).toMatchObject({ independent: true });
    expect(await probe(bytes, contract({ allowed: [1003, 1007, 1011] }))).toMatchObject({ independent: true });
  });
});
