import { describe, expect, it } from "vitest";
import { load } from "../../../test/helpers/ort.ts";
import { GraphBuilder, tensorOf, toNumbers } from "../onnx/index.ts";
import type { Attribute, Graph, Model, ModelFunction, Tensor } from "../onnx/index.ts";
import { checkLabels, differentiability, gradient, lossNames, supportedOperators } from "./index.ts";
import type { GradientOptions } from "./index.ts";

const floats = (dims: readonly number[], values: readonly number[]): Tensor => tensorOf("float32", dims, values);

/** A model of x[3, 4] and whatever the test writes. */
function modelOf(
  write: (b: GraphBuilder) => string,
  options: { readonly opset?: number; readonly dims?: readonly (number | string | null)[] } = {},
): Model {
  const b = new GraphBuilder({
    opsets: new Map([
      ["", options.opset ?? 18],
      ["ai.onnx.ml", 3],
    ]),
  });
  b.input("x", "float32", options.dims ?? [3, 4]);
  b.output(write(b));
  return b.model();
}

const x = floats([3, 4], [1, -2, 0.5, 3, -1, 0.2, 0.7, -0.4, 2, 1.5, -3, 0.1]);

async function run(model: Model, options: GradientOptions, feeds: Record<string, Tensor> = {}) {
  const result = gradient(model, options);
  const session = await load(result.model);
  const outputs = await session.run({ x, ...feeds });
  await session.close();
  return {
    ...result,
    loss: toNumbers(outputs[result.lossOutput]!)[0]!,
    of: (name: string) => toNumbers(outputs[result.gradients.get(name)!]!),
    outputs,
  };
}

const linear = modelOf((b) =>
  b.op("MatMul", ["x", b.initializer("w", floats([4, 3], [1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5, 0.5, 0.5]))]),
);
const labels = { labels: tensorOf("int64", [3], [2, 0, 1]) };

describe("gradient", () => {
  it("of a maximum goes to the first of several equal ones, in whatever places of the window they are", async () => {
    const windows = Array.from({ length: 16 }, (_, mask) => [0, 1, 2, 3].map((place) => (mask >> place) & 1));
    const rowOf = (first: number): number[] => windows.flatMap((window) => window.slice(first, first + 2));
    const firstOf = windows.map((window) => [0, 1, 2, 3].map((place) => (place === Math.max(0, window.indexOf(1)) ? 1 : 0)));
    const pooled = modelOf((b) => b.op("MaxPool", ["x"], { kernel_shape: [2, 2], strides: [2, 2] }), { dims: ["N", 1, 2, 32] });
    const { of } = await run(pooled, { loss: "sum" }, { x: floats([1, 1, 2, 32], [...rowOf(0), ...rowOf(2)]) });
    expect(of("x")).toEqual([0, 2].flatMap((first) => firstOf.flatMap((window) => window.slice(first, first + 2))));
  });

  it("is ∂loss/∂x of the mean cross entropy: softmax minus one-hot, over the batch", async () => {
    const identity = modelOf((b) => b.op("Identity", ["x"]));
    const { of, loss } = await run(identity, { loss: "cross-entropy" }, { labels: tensorOf("int64", [3], [3, 0, 1]) });
    const rows = [0, 4, 8].map((at) => toNumbers(x).slice(at, at + 4));
    const want = rows.flatMap((row, i) => {
      const total = row.reduce((sum, z) => sum + Math.exp(z), 0);
      return row.map((z, j) => (Math.exp(z) / total - (j === [3, 0, 1][i] ? 1 : 0)) / 3);
    });
    of("x").forEach((value, i) => expect(value).toBeCloseTo(want[i]!, 6));
    const entropy =
      rows.reduce((sum, row, i) => sum + Math.log(row.reduce((s, z) => s + Math.exp(z), 0)) - row[[3, 0, 1][i]!]!, 0) / 3;
    expect(loss).toBeCloseTo(entropy, 5);
  });

  it.for(lossNames)("of %s moves the loss as it says", async (loss) => {
    const feeds = loss === "sum" ? {} : loss === "mse" ? { labels: floats([3, 3], [0, 1, 2, 1, 0, 1, 0.5, 0, 1]) } : labels;
    const at = await run(linear, { loss, wrt: ["x", "w"] }, feeds);
    const step = 1e-2;
    const moved = floats(
      [3, 4],
      toNumbers(x).map((v, i) => v + step * at.of("x")[i]!),
    );
    const there = await run(linear, { loss, wrt: ["x"] }, { ...feeds, x: moved });
    const squared = at.of("x").reduce((sum, g) => sum + g * g, 0);
    expect(there.loss - at.loss).toBeGreaterThan(0.9 * step * squared);
    expect(there.loss - at.loss).toBeLessThan(1.1 * step * squared + 1e-6);
  });

  it("computes the margin and DLR losses of their papers", async () => {
    const z = [toNumbers(x).slice(0, 4), toNumbers(x).slice(4, 8), toNumbers(x).slice(8)];
    const y = [3, 0, 1];
    const margins = z.map((row, i) => Math.max(...row.filter((_, j) => j !== y[i])) - row[y[i]!]!);
    const dlr = margins.map((margin, i) => {
      const sorted = z[i]!.toSorted((a, b) => b - a);
      return margin / (sorted[0]! - sorted[2]!);
    });
    const identity = modelOf((b) => b.op("Identity", ["x"]));
    const feeds = { labels: tensorOf("int64", [3], y) };
    expect((await run(identity, { loss: "margin" }, feeds)).loss).toBeCloseTo(margins.reduce((a, b) => a + b) / 3, 5);
    expect((await run(identity, { loss: "dlr" }, feeds)).loss).toBeCloseTo(dlr.reduce((a, b) => a + b) / 3, 5);
  });

  it("adds up the uses of a tensor", async () => {
    const model = modelOf((b) => {
      const w = b.initializer("w", floats([], [2]));
      return b.op("Add", [b.op("Mul", ["x", w]), b.op("Mul", [w, w])]);
    });
    const { of } = await run(model, { loss: "sum", wrt: ["w"] });
    expect(of("w")[0]).toBeCloseTo(toNumbers(x).reduce((a, b) => a + b) + 12 * 2 * 2, 4);
  });

  it("takes an inner value as well, and keeps outputs that are asked for", async () => {
    const model = modelOf(
      (b) =>
        b.call({ op: "Mul", inputs: [b.call({ op: "Tanh", inputs: ["x"], outputs: ["inner"] })[0], "x"], outputs: ["y"] })[0]!,
    );
    const { of, outputs } = await run(model, { loss: "sum", wrt: ["inner"], keep: ["y"] });
    expect(of("inner")).toEqual(toNumbers(x));
    expect(outputs["y"]!.dims).toEqual([3, 4]);
  });

  it("takes the first float output: a scikit-learn model's first is its label", async () => {
    const b = GraphBuilder.from(linear);
    b.clearOutputs();
    b.output(b.op("ArgMax", ["matmul"], { axis: 1 }), "int64");
    b.output("matmul", "float32");
    expect((await run(b.model(linear), { loss: "sum" })).of("x")).toHaveLength(12);
  });

  it("goes through scikit-learn's linear classifiers", async () => {
    const model = modelOf((b) => {
      const coefficients = Array.from({ length: 12 }, (_, i) => Math.sin(i));
      const call = { op: "LinearClassifier", domain: "ai.onnx.ml", inputs: ["x"], outputs: ["label", "scores"] };
      b.call({
        ...call,
        attributes: {
          coefficients: { kind: "floats", value: coefficients },
          intercepts: { kind: "floats", value: [0.1, 0, -0.1] },
          classlabels_ints: [0, 1, 2],
          multi_class: 1,
          post_transform: "SOFTMAX",
        },
      });
      return "scores";
    });
    expect((await run(model, { loss: "cross-entropy" }, labels)).of("x").some((value) => Math.abs(value) > 1e-3)).toBe(true);
  });

  it("gives a clip whose bounds are the wrong way round to the upper one", async () => {
    const model = modelOf((b) =>
      b.op("Clip", ["x", b.initializer("low", floats([], [5])), b.initializer("high", floats([], [-5]))]),
    );
    const { of } = await run(model, { loss: "sum", wrt: ["x", "low", "high"] });
    expect([of("x").every((value) => value === 0), of("low"), of("high")]).toEqual([true, [0], [12]]);
  });

  it("is finite where a vector to be normalised is zero, and where a query may look nowhere", async () => {
    const still = modelOf((b) => b.op("LpNormalization", [b.op("Mul", ["x", b.scalar("float32", 0)])]));
    expect((await run(still, { loss: "sum" })).of("x").every(Number.isFinite)).toBe(true);
    const blind = modelOf(
      (b) => {
        const q = b.op("Reshape", ["x", b.ints([1, 1, 3, 4])]);
        return b.call({
          op: "Attention",
          inputs: [q, q, q, b.constant(tensorOf("bool", [3, 3], [1, 1, 0, 0, 0, 0, 1, 0, 1]))],
          outputs: ["y"],
        })[0]!;
      },
      { opset: 23 },
    );
    const { of, loss } = await run(blind, { loss: "sum" });
    expect([...of("x"), loss].every(Number.isFinite)).toBe(true);
  });

  it("does not change the model it is given", () => {
    const before = JSON.stringify([...linear.graph.nodes.map(({ outputs }) => outputs), ...linear.graph.outputs]);
    gradient(linear, { loss: "sum", wrt: "all" });
    expect(JSON.stringify([...linear.graph.nodes.map(({ outputs }) => outputs), ...linear.graph.outputs])).toBe(before);
  });

  it("writes every float input and initializer for `all`, zeros where nothing depends on them", async () => {
    const b = GraphBuilder.from(linear);
    b.initializer("unused", floats([2], [1, 2]));
    const { of, gradients } = await run(b.model(linear), { loss: "sum", wrt: "all" });
    expect([...gradients.keys()].toSorted()).toEqual(["unused", "w", "x"]);
    expect(of("unused")).toEqual([0, 0]);
  });
});

describe("a gradient that cannot be", () => {
  const code = (of: () => unknown): string => {
    try {
      of();
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
    return "nothing thrown";
  };

  it.for<[string, () => unknown, RegExp]>([
    ["an unknown tensor", () => gradient(linear, { loss: "sum", wrt: ["ww"] }), /autodiff\/unknown-value.*`ww`/],
    ["an unknown output", () => gradient(linear, { loss: "sum", output: "logit" }), /autodiff\/unknown-value.*`logit`/],
    ["an unknown loss", () => gradient(linear, { loss: "hinge" as "sum" }), /autodiff\/bad-loss.*`hinge`/],
    [
      "too few classes",
      () =>
        gradient(
          modelOf((b) => b.op("Slice", ["x", b.ints([0]), b.ints([2]), b.ints([1])])),
          { loss: "dlr" },
        ),
      /autodiff\/bad-loss.*2 classes/,
    ],
    [
      "a step",
      () =>
        gradient(
          modelOf((b) => b.op("Round", ["x"])),
          { loss: "sum" },
        ),
      /autodiff\/not-differentiable.*Round.*piecewise constant/,
    ],
    [
      "an index",
      () =>
        gradient(
          modelOf((b) => b.op("Cast", [b.op("ArgMax", ["x"], { axis: 1 })], { to: 1 })),
          { loss: "sum" },
        ),
      /autodiff\/not-differentiable.*ArgMax/,
    ],
    [
      "an integer output",
      () =>
        gradient(
          modelOf((b) => b.op("ArgMax", ["x"], { axis: 1 })),
          { loss: "sum" },
        ),
      /autodiff\/bad-loss.*no output/,
    ],
    [
      "no dependence",
      () =>
        gradient(
          modelOf((b) => b.op("Neg", [b.initializer("w", floats([2], [1, 2]))])),
          { loss: "sum", wrt: ["x"] },
        ),
      /autodiff\/no-path.*`x`/,
    ],
    ["a tree", () => gradient(tree(), { loss: "sum" }), /autodiff\/not-differentiable.*TreeEnsembleRegressor.*decision-based/],
    [
      "an unknown operator",
      () =>
        gradient(
          modelOf((b) => b.call({ op: "Magic", domain: "own", inputs: ["x"], outputs: ["y"] })[0]!),
          { loss: "sum", output: "y" },
        ),
      /autodiff\/|onnx\//,
    ],
    ["an unknown course", () => gradient(conditional(undefined), { loss: "sum" }), /autodiff\/not-differentiable.*If/],
    [
      "a label out of range",
      () => checkLabels(gradient(linear, { loss: "cross-entropy" }).labels!, tensorOf("int64", [3], [0, -1, 1])),
      /autodiff\/bad-loss.*label -1 at position 1/,
    ],
  ])("by %s is refused by name", ([, of, message]) => {
    expect(code(of)).toMatch(message);
  });

  it("leaves out what is blocked when all are asked for, and says why", () => {
    const { skipped } = gradient(tree(), { loss: "sum", wrt: "all" });
    expect(skipped.get("x")).toMatch(/tree ensemble/);
  });
});

function tree(): Model {
  return modelOf((b) => {
    b.call({
      op: "TreeEnsembleRegressor",
      domain: "ai.onnx.ml",
      inputs: ["x"],
      outputs: ["y"],
      attributes: {
        nodes_treeids: [0],
        nodes_nodeids: [0],
        nodes_featureids: [0],
        nodes_modes: ["LEAF"],
        target_treeids: [0],
        target_nodeids: [0],
        target_ids: [0],
        target_weights: { kind: "floats", value: [1] },
      },
    });
    return "y";
  });
}

const body = (write: (b: GraphBuilder) => void): Attribute => {
  const b = new GraphBuilder();
  write(b);
  return { kind: "graph", value: b.build() };
};

/** x² or −x, by a condition that is known or comes from outside. */
function conditional(condition: boolean | undefined): Model {
  return modelOf((b) => {
    const branch = (op: string, inputs: string[]) =>
      body((inner) => inner.output(inner.call({ op, inputs, outputs: [`${op}_out`] })[0]!, "float32", [3, 4]));
    const decided =
      condition === undefined ? b.input("which", "bool", []) : b.constant(tensorOf("bool", [], [condition ? 1 : 0]));
    return b.call({
      op: "If",
      inputs: [decided],
      outputs: ["y"],
      attributes: { then_branch: branch("Mul", ["x", "x"]), else_branch: branch("Neg", ["x"]) },
    })[0]!;
  });
}

describe("control flow of known course", () => {
  it("takes the branch that will be taken", async () => {
    expect((await run(conditional(true), { loss: "sum" })).of("x")).toEqual(toNumbers(x).map((v) => Math.fround(2 * v)));
    expect((await run(conditional(false), { loss: "sum" })).of("x")).toEqual(toNumbers(x).map(() => -1));
  });

  it("writes a loop out, state and collected values", async () => {
    const model = modelOf((b) => {
      const loop = body((inner) => {
        inner.input("i", "int64", []);
        inner.input("go", "bool", []);
        inner.input("s", "float32", [3, 4]);
        inner.call({ op: "Identity", inputs: ["go"], outputs: ["go_on"] });
        inner.call({ op: "Mul", inputs: ["s", "x"], outputs: ["next"] });
        inner.call({ op: "Neg", inputs: ["s"], outputs: ["seen"] });
        inner.output("go_on", "bool", []);
        inner.output("next", "float32", [3, 4]);
        inner.output("seen", "float32", [3, 4]);
      });
      const [state, seen] = b.call({
        op: "Loop",
        inputs: [b.constant(tensorOf("int64", [], [2])), "", "x"],
        outputs: ["state", "seen_all"],
        attributes: { body: loop },
      });
      return b.op("Add", [state!, b.op("ReduceSum", [seen!, b.ints([0])], { keepdims: 0 })]);
    });
    // x³ − x − x²
    const { of } = await run(model, { loss: "sum" });
    toNumbers(x).forEach((v, i) => expect(of("x")[i]).toBeCloseTo(3 * v * v - 1 - 2 * v, 4));
  });

  it("writes out a loop that goes on by a constant of the graph around it, as TorchScript exports", async () => {
    const model = modelOf((b) => {
      b.call({ op: "Identity", inputs: [b.constant(tensorOf("bool", [], [1]))], outputs: ["always"] });
      const loop = body((inner) => {
        inner.input("i", "int64", []);
        inner.input("go", "bool", []);
        inner.input("s", "float32", [3, 4]);
        inner.call({ op: "Identity", inputs: ["always"], outputs: ["go_on"] });
        inner.call({ op: "Mul", inputs: ["s", "x"], outputs: ["next"] });
        inner.output("go_on", "bool", []);
        inner.output("next", "float32", [3, 4]);
      });
      const inputs = [b.constant(tensorOf("int64", [], [2])), "always", "x"];
      return b.call({ op: "Loop", inputs, outputs: ["state"], attributes: { body: loop } })[0]!;
    });
    const { of } = await run(model, { loss: "sum" });
    toNumbers(x).forEach((v, i) => expect(of("x")[i]).toBeCloseTo(3 * v * v, 4));
  });

  it("writes a scan out", async () => {
    const model = modelOf((b) => {
      const step: Graph = (
        body((inner) => {
          inner.input("sum", "float32", [4]);
          inner.input("row", "float32", [4]);
          inner.call({ op: "Add", inputs: ["sum", "row"], outputs: ["total"] });
          inner.call({ op: "Mul", inputs: ["total", "total"], outputs: ["square"] });
          inner.output("total", "float32", [4]);
          inner.output("square", "float32", [4]);
        }) as { value: Graph }
      ).value;
      return b.call({
        op: "Scan",
        inputs: [b.constant(floats([4], [0, 0, 0, 0])), "x"],
        outputs: ["last", "squares"],
        attributes: { body: step, num_scan_inputs: 1 },
      })[1]!;
    });
    const { of } = await run(model, { loss: "sum" });
    const rows = [0, 1, 2].map((r) => toNumbers(x).slice(4 * r, 4 * r + 4));
    const sums = rows.map((_, r) => rows[0]!.map((_, c) => rows.slice(0, r + 1).reduce((total, row) => total + row[c]!, 0)));
    rows.forEach((row, r) =>
      row.forEach((_, c) =>
        expect(of("x")[4 * r + c]).toBeCloseTo(
          sums.slice(r).reduce((total, sum) => total + 2 * sum[c]!, 0),
          4,
        ),
      ),
    );
  });

  it.for<readonly [string, (b: GraphBuilder) => string, (v: number) => number]>([
    [
      "split and joined",
      (b) => {
        const parts = b.op("SplitToSequence", ["x", b.constant(tensorOf("int64", [], [3]))], { axis: 1 });
        const first = b.op("SequenceAt", [parts, b.constant(tensorOf("int64", [], [0]))]);
        return b.op("Mul", [
          b.op("ConcatFromSequence", [b.op("SequenceErase", [b.op("SequenceInsert", [parts, first])])], { axis: 1 }),
          "x",
        ]);
      },
      (v) => 2 * v,
    ],
    [
      "stacked from an empty one",
      (b) => {
        const list = b.op("SequenceInsert", [
          b.op("SequenceInsert", [b.op("SequenceEmpty", []), "x"]),
          b.op("Neg", ["x"]),
          b.constant(tensorOf("int64", [], [0])),
        ]);
        return b.op("ReduceProd", [b.op("ConcatFromSequence", [list], { axis: 0, new_axis: 1 }), b.ints([0])]);
      },
      (v) => -2 * v,
    ],
    [
      "of single rows",
      (b) => {
        const rows = b.op("SplitToSequence", ["x"], { keepdims: 0 });
        const row = (i: number) => b.op("SequenceAt", [rows, b.constant(tensorOf("int64", [], [i]))]);
        return b.op(
          "ConcatFromSequence",
          [
            b.op("SequenceConstruct", [
              b.op("Mul", [row(0), row(0)]),
              b.op("Mul", [row(1), row(1)]),
              b.op("Mul", [row(-1), row(-1)]),
            ]),
          ],
          { axis: 0 },
        );
      },
      (v) => 2 * v,
    ],
  ])("follows tensors through lists: %s", async ([, write, derivative]) => {
    const { of } = await run(modelOf(write), { loss: "sum" });
    toNumbers(x).forEach((v, i) => expect(of("x")[i]).toBeCloseTo(derivative(v), 5));
  });

  it("goes through the model's own functions", async () => {
    const square: ModelFunction = {
      name: "Square",
      domain: "own",
      inputs: ["a"],
      outputs: ["b"],
      attributes: [],
      defaults: new Map(),
      nodes: [{ op: "Mul", domain: "", name: "", inputs: ["a", "a"], outputs: ["b"], attributes: new Map() }],
      opsets: new Map([["", 18]]),
    };
    const model = {
      ...modelOf((b) => b.call({ op: "Square", domain: "own", inputs: ["x"], outputs: ["y"] })[0]!),
      functions: [square],
    };
    expect((await run(model, { loss: "sum", output: "y" })).of("x")).toEqual(toNumbers(x).map((v) => Math.fround(2 * v)));
  });
});

describe("what is known of derivatives", () => {
  it("passes quantisation straight through where nothing is saturated, and says so", async () => {
    const model = modelOf((b) => {
      const [scale, zero] = [b.constant(floats([], [0.02])), b.constant(tensorOf("int8", [], [0]))];
      return b.op("DequantizeLinear", [b.op("QuantizeLinear", ["x", scale, zero]), scale, zero]);
    });
    const { of, broken } = await run(model, { loss: "sum" });
    toNumbers(x).forEach((v, i) => expect(of("x")[i]).toBeCloseTo(Math.abs(v) < 2.5 ? 1 : 0, 5));
    expect(broken.map(({ op, kind }) => [op, kind])).toEqual([["QuantizeLinear", "approximated"]]);
  });

  it("passes the lowest and the highest level straight through: they are values like others", async () => {
    for (const zero of [0, 255]) {
      const model = modelOf((b) => {
        const [scale, least] = [b.constant(floats([], [0.02])), b.constant(tensorOf("uint8", [], [zero]))];
        return b.op("DequantizeLinear", [
          b.op("QuantizeLinear", [b.op("Sub", ["x", b.constant(x)]), scale, least]),
          scale,
          least,
        ]);
      });
      const { of } = await run(model, { loss: "sum" });
      for (const value of of("x")) expect(value).toBeCloseTo(1, 5);
    }
  });

  it("passes dynamic quantisation and integer products straight through", async () => {
    const model = modelOf((b) => {
      const [levels, scale, zero] = b.call({ op: "DynamicQuantizeLinear", inputs: ["x"], outputs: 3 });
      const product = b.op("MatMulInteger", [levels!, b.constant(tensorOf("int8", [4, 1], [1, 2, 3, 4])), zero]);
      return b.op("Mul", [b.op("Cast", [product], { to: 1 }), scale!]);
    });
    const { of } = await run(model, { loss: "sum" });
    of("x").forEach((value, i) => expect(value).toBeCloseTo((i % 4) + 1, 4));
  });

  it.for(["QLinearConv", "QLinearMatMul", "ConvInteger"])("passes %s straight through", async (op) => {
    const model = modelOf((b) => {
      const scalar = (value: number) => b.constant(floats([], [value]));
      const zero = b.constant(tensorOf("uint8", [], [128]));
      const [step, fine] = [scalar(0.05), scalar(0.1)];
      const image = op === "QLinearMatMul" ? "x" : b.op("Reshape", ["x", b.ints([1, 1, 3, 4])]);
      const levels = b.op("QuantizeLinear", [image, step, zero]);
      const kernel = b.constant(
        tensorOf("int8", op === "QLinearMatMul" ? [4, 1] : [1, 1, 1, 2], op === "QLinearMatMul" ? [1, 2, 3, 4] : [2, -1]),
      );
      const none = b.constant(tensorOf("int8", [], [0]));
      if (op === "ConvInteger")
        return b.op("Mul", [b.op("Cast", [b.op("ConvInteger", [levels, kernel, zero])], { to: 1 }), step]);
      const product = b.op(op, [
        levels,
        step,
        zero,
        kernel,
        scalar(1),
        none,
        op === "QLinearConv" ? fine : scalar(0.5),
        zero,
        ...(op === "QLinearConv" ? [b.constant(tensorOf("int32", [1], [3]))] : []),
      ]);
      return b.op("DequantizeLinear", [product, op === "QLinearConv" ? fine : scalar(0.5), zero]);
    });
    const { of, broken } = await run(model, { loss: "sum" });
    // A row of four meets the kernel (2, −1) three times.
    const want = op === "QLinearMatMul" ? [1, 2, 3, 4] : [2, 1, 1, -1];
    of("x").forEach((value, i) => expect(value).toBeCloseTo(want[i % 4]!, 4));
    expect(broken.some(({ kind }) => kind === "approximated")).toBe(true);
  });

  it("names the node that keeps the gradient away, and does not blame shapes", () => {
    const model = modelOf((b) => b.op("Reshape", [b.op("Floor", ["x"]), b.op("Shape", ["x"])]));
    const { inputs, facts } = differentiability(model);
    expect(inputs).toMatchObject([
      { name: "x", reached: false, because: { op: "Floor", kind: "zero", reason: "piecewise constant" } },
    ]);
    expect(facts.map(({ op }) => op)).toEqual(["Floor"]);
  });

  it("does not blame the label that is made of the scores", () => {
    const b = GraphBuilder.from(linear);
    b.output(b.op("ArgMax", ["matmul"], { axis: 1 }), "int64");
    expect(differentiability(b.model(linear))).toEqual({ inputs: [{ name: "x", reached: true }], facts: [] });
  });

  it("reports a random node", () => {
    expect(differentiability(modelOf((b) => b.op("Add", ["x", b.op("RandomNormalLike", ["x"])]))).facts).toMatchObject([
      { op: "RandomNormalLike", kind: "random" },
    ]);
  });

  it("covers each operator of the standard domain, sets 9 to 24, by a rule or a reason", () => {
    const all = supportedOperators();
    expect(all.filter(({ how, note }) => how === "none" && note === "").map(({ op }) => op)).toEqual([]);
    const count = (how: string): number => all.filter((item) => item.how === how).length;
    console.log(
      `${all.length} operators: ${count("rule")} rules, ${count("composed")} composed, ${count("zero")} zero, ${count("none")} refused`,
    );
    expect(all.length).toBeGreaterThan(190);
  });
});

describe("gradient of scikit-learn's exports", () => {
  const classes = { classlabels_int64s: [0, 1, 2, 3] };

  it("looks through the dictionaries of scores that classifiers are exported with", async () => {
    const zipped = modelOf((b) => {
      b.output(b.op("ArgMax", ["x"], { axis: 1, keepdims: 0 }));
      return b.call({ op: "ZipMap", domain: "ai.onnx.ml", inputs: ["x"], outputs: ["scores"], attributes: classes })[0]!;
    });
    const plain = modelOf((b) => b.op("Identity", ["x"]));
    const [got, want] = await Promise.all([zipped, plain].map((model) => run(model, { loss: "cross-entropy" }, labels)));
    expect(got!.loss).toBeCloseTo(want!.loss, 6);
    expect(got!.of("x")).toEqual(want!.of("x"));
  });

  it("goes to the columns that were picked, as often as they were", async () => {
    const positions = tensorOf("int64", [1, 3], [2, 0, 2]);
    const model = modelOf((b) => {
      const inputs = ["x", b.constant(positions)];
      return b.call({ op: "ArrayFeatureExtractor", domain: "ai.onnx.ml", inputs, outputs: ["picked"] })[0]!;
    });
    expect((await run(model, { loss: "sum" })).of("x")).toEqual([1, 0, 2, 0, 1, 0, 2, 0, 1, 0, 2, 0]);
  });
});
