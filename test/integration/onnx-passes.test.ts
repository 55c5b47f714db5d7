/** Every rewrite keeps what a model computes: each model runs in ONNX Runtime before and after. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  checkModel,
  expose,
  foldConstants,
  GraphBuilder,
  inferShapes,
  inferTypes,
  inputsToWeights,
  lowerMl,
  raiseOpset,
  readModel,
  removeIdentity,
  requiredInputs,
  specialise,
  splitAt,
  tensorOf,
  toNumbers,
  weightsToInputs,
  withoutFinal,
  writeModel,
} from "../../src/model/onnx/index.ts";
import type { Dim, Model, Tensor } from "../../src/model/onnx/index.ts";
import { gradientModel, gradientModels } from "../helpers/gradient-models.ts";

const root = join(import.meta.dirname, "../..");
const load = (path: string): Model => readModel(new Uint8Array(readFileSync(join(root, path))));

type Values = Readonly<Record<string, Tensor>>;

/** Runs a model as it stands, without ONNX Runtime's own rewriting. */
async function run(model: Model, feeds: Values): Promise<Values> {
  const session = await InferenceSession.create(writeModel(model), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const given = Object.entries(feeds).map(([name, tensor]) => [name, toOrt(tensor)] as const);
    const results = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(value)]));
  } finally {
    await session.release();
  }
}

function toOrt(tensor: Tensor): OrtTensor {
  const numbers = toNumbers(tensor);
  if (tensor.type === "int64") return new OrtTensor("int64", BigInt64Array.from(numbers, BigInt), tensor.dims);
  return new OrtTensor("float32", Float32Array.from(numbers), tensor.dims);
}

function fromOrt(value: OrtTensor): Tensor {
  if (value.type === "string")
    return { type: "string", dims: value.dims, data: new Uint8Array(0), strings: value.data as string[] };
  return tensorOf(value.type as Tensor["type"], value.dims, value.data as Float32Array);
}

/** Numbers that are the same on every run. */
function inputsFor(model: Model, rows: number): Values {
  const feeds: Record<string, Tensor> = {};
  for (const { name, type } of requiredInputs(model.graph)) {
    if (type?.kind !== "tensor") throw new Error("not a tensor");
    const dims = type.dims!.map((dim: Dim) => (typeof dim === "number" ? dim : rows));
    const count = dims.reduce((a, b) => a * b, 1);
    const value = (i: number): number => (type.elementType === "int64" ? i % 7 : Math.sin(i * 12.9898) + 0.1);
    feeds[name] = tensorOf(
      type.elementType,
      dims,
      Array.from({ length: count }, (_, i) => value(i)),
    );
  }
  return feeds;
}

function expectSame(after: Values, before: Values, tolerance = 1e-5): void {
  for (const [name, want] of Object.entries(before)) {
    const got = after[name]!;
    expect(got.dims, name).toEqual(want.dims);
    if (want.strings !== undefined) {
      expect(got.strings).toEqual(want.strings);
      continue;
    }
    const [a, b] = [toNumbers(got), toNumbers(want)];
    const worst = a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!) / Math.max(1, Math.abs(b[i]!))), 0);
    expect(worst, name).toBeLessThanOrEqual(tolerance);
  }
}

const evaluate = async (model: Model): Promise<ReadonlyMap<string, Tensor>> => new Map(Object.entries(await run(model, {})));

describe.for([...gradientModels])("%s", (name) => {
  const model = readModel(gradientModel(name));
  const feeds = inputsFor(model, 3);

  it("computes the same for a given batch, and no shape arithmetic is left", async () => {
    const fixed = specialise(model, { N: 3 });
    checkModel(fixed);
    expectSame(await run(fixed, feeds), await run(model, feeds));
    expect(fixed.graph.nodes.filter(({ op }) => op === "Shape")).toEqual([]);
    for (const type of inferTypes(fixed).values()) {
      expect(type.kind === "tensor" && type.dims?.every((dim) => typeof dim === "number")).toBe(true);
    }
  });

  it("has, value by value, the shapes that were inferred with symbols", async () => {
    const types = inferTypes(model);
    const inner = model.graph.nodes.flatMap(({ outputs }) => outputs).filter((value) => value !== "" && value !== "logits");
    const results = await run(expose(model, inner), feeds);
    for (const [value, tensor] of Object.entries(results)) {
      const type = types.get(value);
      if (type?.kind !== "tensor") throw new Error(`${value} has no type`);
      expect(type.elementType, value).toBe(tensor.type);
      const dims = type.dims!.map((dim) =>
        typeof dim === "string" ? Number(dim.replace(/^(\d+)\*N$/, (_, k) => String(3 * Number(k))).replace("N", "3")) : dim,
      );
      expect(dims, value).toEqual(tensor.dims);
    }
  });

  it("computes the same with constants folded and identities removed", async () => {
    const folded = await foldConstants(model, evaluate);
    const plain: Model = { ...folded, graph: removeIdentity(folded.graph) };
    checkModel(plain);
    expect(plain.graph.nodes.length).toBeLessThanOrEqual(model.graph.nodes.length);
    expect(plain.graph.nodes.some(({ op }) => op === "Constant" || op === "Identity")).toBe(false);
    expectSame(await run(plain, feeds), await run(model, feeds));
  });

  it("computes the same in a newer operator set and with inferred shapes written down", async () => {
    const raised = inferShapes(raiseOpset(model, 21));
    checkModel(raised);
    expectSame(await run(raised, feeds), await run(model, feeds));
  });

  it("computes the same in two halves, and with weights given from outside", async () => {
    const middle = model.graph.nodes.find(({ op }) => op === "Relu" || op === "Softmax" || op === "Gemm" || op === "MatMul")!
      .outputs[0]!;
    const { backbone } = splitAt(model, model.graph.nodes.at(-1)!.inputs[0]!);
    expect(backbone.graph.nodes.length).toBeLessThan(model.graph.nodes.length);
    expect((await run(expose(model, [middle]), feeds)).logits).toBeDefined();
    const [weight, tensor] = [...model.graph.initializers].find(
      ([, value]) => value.type === "float32" && value.dims.length > 1,
    )!;
    const open: Model = { ...model, graph: weightsToInputs(model.graph, [weight]) };
    expectSame(await run(open, { ...feeds, [weight]: tensor }), await run(model, feeds), 0);
    const closed: Model = { ...open, graph: inputsToWeights(open.graph, new Map([[weight, tensor]])) };
    expectSame(await run(closed, feeds), await run(model, feeds), 0);
  });
});

describe("cutting", () => {
  it("takes the Softmax off and gives the logits", async () => {
    const model = load("examples/models/digits.onnx");
    const b = GraphBuilder.from(model).clearOutputs();
    b.output(b.op("Softmax", ["logits"], { axis: -1 }), "float32", ["N", 10]);
    const feeds = inputsFor(model, 2);
    const cut = withoutFinal(b.model(model));
    expect(cut.graph.outputs).toEqual([{ name: "logits", type: { kind: "tensor", elementType: "float32", dims: ["N", 10] } }]);
    expectSame(await run(cut, feeds), await run(model, feeds), 0);
    expect(withoutFinal(model)).toBe(model);
  });

  it("splits a backbone from a head that together are the model", async () => {
    const model = load("examples/models/digits.onnx");
    const value = model.graph.nodes.at(-2)!.outputs[0]!;
    const { backbone, head } = splitAt(model, value);
    const feeds = inputsFor(model, 2);
    expectSame(await run(head, await run(backbone, feeds)), await run(model, feeds), 0);
  });
});

/** Old spellings of operators, each run in its own version and in version 21. */
const old: readonly (readonly [string, number, (b: GraphBuilder, x: string) => string])[] = [
  ["Slice", 9, (b, x) => b.op("Slice", [x], { starts: [1, 0], ends: [9, 2], axes: [2, 3] })],
  ["TopK", 9, (b, x) => b.call({ op: "TopK", inputs: [x], attributes: { k: 2, axis: 1 }, outputs: 2 })[0]!],
  ["Upsample", 9, (b, x) => b.op("Upsample", [x, b.constant(tensorOf("float32", [4], [1, 1, 2, 3]))])],
  ["Clip", 9, (b, x) => b.op("Clip", [x], { min: -0.5, max: 0.5 })],
  ["Clip from below", 9, (b, x) => b.op("Clip", [x], { min: 0 })],
  ["Pad", 9, (b, x) => b.op("Pad", [x], { pads: [0, 0, 1, 2, 0, 0, 2, 1], value: 1.5 })],
  ["Resize", 10, (b, x) => b.op("Resize", [x, b.constant(tensorOf("float32", [4], [1, 1, 2, 2]))])],
  ["Resize linear", 10, (b, x) => b.op("Resize", [x, b.constant(tensorOf("float32", [4], [1, 1, 2, 2]))], { mode: "linear" })],
  ["Dropout", 9, (b, x) => b.op("Dropout", [x], { ratio: 0.5 })],
  ["Softmax over the rest", 11, (b, x) => b.op("Softmax", [x], { axis: 1 })],
  ["Softmax over the last", 11, (b, x) => b.op("Softmax", [x], { axis: 3 })],
  ["LogSoftmax", 11, (b, x) => b.op("LogSoftmax", [x], { axis: 2 })],
  ["Squeeze and Unsqueeze", 11, (b, x) => b.op("Squeeze", [b.op("Unsqueeze", [x], { axes: [0] })], { axes: [0] })],
  ["ReduceSum", 11, (b, x) => b.op("ReduceSum", [x], { axes: [1, 3], keepdims: 0 })],
  ["ReduceMean", 13, (b, x) => b.op("ReduceMean", [x], { axes: [2], keepdims: 1 })],
  [
    "Split",
    11,
    (b, x) => b.op("Neg", [b.call({ op: "Split", inputs: [x], attributes: { axis: 1, split: [1, 2] }, outputs: 2 })[1]]),
  ],
  ["Split evenly", 13, (b, x) => b.call({ op: "Split", inputs: [x], attributes: { axis: 3 }, outputs: 2 })[1]!],
  [
    "GroupNormalization",
    18,
    (b, x) =>
      b.op(
        "GroupNormalization",
        [x, b.constant(tensorOf("float32", [3], [1, 2, 3])), b.constant(tensorOf("float32", [3], [0, 1, 2]))],
        {
          num_groups: 3,
        },
      ),
  ],
];

describe("raising", () => {
  it.for(old)("%s of version %i means the same in version 21", async ([, opset, op]) => {
    const b = new GraphBuilder({ opsets: new Map([["", opset]]) });
    b.output(op(b, b.input("x", "float32", ["N", 3, 4, 6])), "float32");
    const model = inferShapes(b.model());
    const raised = raiseOpset(model, 21);
    checkModel(raised);
    const feeds = inputsFor(model, 2);
    expectSame(await run(raised, feeds), await run(model, feeds), 1e-6);
  });
});

const ml = (op: string, attributes: Record<string, number | number[] | string | string[]>, outputs: readonly string[]): Model => {
  const b = new GraphBuilder({
    opsets: new Map([
      ["", 18],
      ["ai.onnx.ml", 3],
    ]),
  });
  b.call({ op, domain: "ai.onnx.ml", inputs: [b.input("x", "float32", ["N", 3])], outputs, attributes });
  for (const name of outputs) b.output(name);
  return inferShapes(b.model());
};

const wave = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.fround(Math.cos(i * 1.7)));
const kernels = { kernel_params: [0.3, 0.1, 2], n_supports: 4, support_vectors: wave(12), coefficients: wave(4), rho: [0.25] };

const lowered: readonly (readonly [string, Model])[] = [
  ["LinearRegressor", ml("LinearRegressor", { coefficients: wave(6), intercepts: [0.5, -1], targets: 2 }, ["y"])],
  ["LinearRegressor, one target", ml("LinearRegressor", { coefficients: wave(3), intercepts: [0.5] }, ["y"])],
  ...["NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"].map(
    (post_transform) =>
      [
        `LinearClassifier ${post_transform}`,
        ml("LinearClassifier", { coefficients: wave(9), intercepts: wave(3), classlabels_ints: [3, 5, 7], post_transform }, [
          "label",
          "scores",
        ]),
      ] as const,
  ),
  [
    "LinearClassifier of two",
    ml("LinearClassifier", { coefficients: wave(6), intercepts: wave(2), classlabels_ints: [0, 1], post_transform: "LOGISTIC" }, [
      "label",
      "scores",
    ]),
  ],
  [
    "LinearClassifier with names",
    ml("LinearClassifier", { coefficients: wave(9), intercepts: wave(3), classlabels_strings: ["a", "b", "c"] }, [
      "label",
      "scores",
    ]),
  ],
  ["Scaler", ml("Scaler", { offset: [1, 2, 3], scale: [2, 0.5, 1] }, ["y"])],
  ["Scaler of one", ml("Scaler", { offset: [1], scale: [2] }, ["y"])],
  ["Normalizer L1", ml("Normalizer", { norm: "L1" }, ["y"])],
  ["Normalizer L2", ml("Normalizer", { norm: "L2" }, ["y"])],
  ["Normalizer MAX", ml("Normalizer", { norm: "MAX" }, ["y"])],
  ...["LINEAR", "POLY", "RBF", "SIGMOID"].map(
    (kernel_type) => [`SVMRegressor ${kernel_type}`, ml("SVMRegressor", { ...kernels, kernel_type }, ["y"])] as const,
  ),
  ...["LINEAR", "POLY", "RBF", "SIGMOID"].map(
    (kernel_type) =>
      [
        `SVMClassifier ${kernel_type}`,
        ml(
          "SVMClassifier",
          {
            kernel_type,
            kernel_params: [0.3, 0.1, 2],
            vectors_per_class: [2, 1, 3, 1],
            support_vectors: wave(21),
            coefficients: wave(21),
            rho: wave(6),
            classlabels_ints: [4, 5, 6, 7],
          },
          ["label", "scores"],
        ),
      ] as const,
  ),
  [
    "SVMClassifier, linear",
    ml(
      "SVMClassifier",
      { kernel_type: "LINEAR", kernel_params: [0, 0, 0], coefficients: wave(9), rho: [0.5], classlabels_ints: [4, 5, 6] },
      ["label", "scores"],
    ),
  ],
  [
    "SVMRegressor without vectors",
    ml("SVMRegressor", { coefficients: wave(3), rho: [0.25], kernel_type: "LINEAR", kernel_params: [0, 0, 0], n_supports: 0 }, [
      "y",
    ]),
  ],
];

describe("writing out operators of ai.onnx.ml", () => {
  it.for(lowered)("%s", async ([, model]) => {
    const plain = lowerMl(model);
    checkModel(plain);
    expect(plain.graph.nodes.every(({ domain }) => domain === "")).toBe(true);
    const feeds = inputsFor(model, 4);
    expectSame(await run(plain, feeds), await run(model, feeds), 1e-5);
  });

  it("covers scikit-learn's logistic regression on digits", async () => {
    const model = load("test/fixtures/models/sk_logreg_digits.onnx");
    const plain = lowerMl(model);
    expect(plain.graph.nodes.every(({ domain }) => domain === "")).toBe(true);
    const feeds = inputsFor(model, 5);
    expectSame(await run(plain, feeds), await run(model, feeds));
  });
});
