import fc from "fast-check";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { dot, expectNear, oneByOne, openStep } from "../../../../test/contracts/per-example/truth.ts";
import { GraphBuilder, readModel, replaceBatchNorm, tensorOf } from "../../onnx/index.ts";
import type { Model, Tensor } from "../../onnx/index.ts";
import { perExample } from "../index.ts";
import type { PerExampleOptions } from "../index.ts";

const floats = (dims: readonly number[], seed: number): Tensor =>
  tensorOf(
    "float32",
    dims,
    Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(seed + i * 1.7)),
  );

/** A convolution, an embedding beside it, and two dense layers. */
function net(): Model {
  const b = new GraphBuilder();
  const image = b.input("x", "float32", ["N", 2, 6, 6]);
  const word = b.input("ids", "int64", ["N", 3]);
  const w = (name: string, dims: readonly number[], seed: number): string => b.initializer(name, floats(dims, seed));
  const seen = b.op("Relu", [b.op("Conv", [image, w("c.weight", [4, 2, 3, 3], 1), w("c.bias", [4], 2)], { strides: [2, 2] })]);
  const read = b.op("Gather", [w("e.weight", [7, 4], 3), word]);
  const both = b.op("Concat", [b.op("Flatten", [seen]), b.op("Flatten", [read])], { axis: 1 });
  const hidden = b.op("Tanh", [b.op("Gemm", [both, w("f.weight", [70, 28], 4), w("f.bias", [70], 5)], { transB: 1 })]);
  b.output(b.op("Gemm", [hidden, w("g.weight", [3, 70], 6), w("g.bias", [3], 7)], { transB: 1 }), "float32", ["N", 3]);
  return b.model();
}

const batch = (rows: number, seed: number) => ({
  x: {
    x: floats([rows, 2, 6, 6], seed),
    ids: tensorOf(
      "int64",
      [rows, 3],
      Array.from({ length: 3 * rows }, (_, i) => (i * i + seed) % 7),
    ),
  },
  y: tensorOf(
    "int64",
    [rows],
    Array.from({ length: rows }, (_, i) => (i + seed) % 3),
  ),
});

const model = net();
const open = async (options: Partial<PerExampleOptions> = {}) => {
  const made = perExample(model, { loss: "cross-entropy", ...options });
  const step = await openStep(made);
  const run = (
    { x, y }: ReturnType<typeof batch>,
    bound: number | readonly number[],
    weights: readonly number[],
    users?: readonly number[],
  ) =>
    step.run({
      ...x,
      labels: y,
      clip: typeof bound === "number" ? tensorOf("float32", [], [bound]) : tensorOf("float32", [bound.length], bound),
      weights: tensorOf("float32", [weights.length], weights),
      ...(users === undefined ? {} : { users: tensorOf("int64", [users.length], users) }),
    });
  return { made, run, close: step.close };
};
const ones = (count: number): number[] => Array.from({ length: count }, () => 1);
const rowsOf = ({ x, y }: ReturnType<typeof batch>, from: number, to: number): ReturnType<typeof batch> => {
  const cut = (tensor: Tensor): Tensor => {
    const bytes = tensor.data.byteLength / tensor.dims[0]!;
    return { ...tensor, dims: [to - from, ...tensor.dims.slice(1)], data: tensor.data.slice(from * bytes, to * bytes) };
  };
  return { x: { x: cut(x.x), ids: cut(x.ids) }, y: cut(y) };
};
const norm = (vectors: Iterable<readonly number[]>): number => Math.sqrt([...vectors].reduce((sum, v) => sum + dot(v, v), 0));

describe("clipping", () => {
  it("leaves out an example of weight 0 exactly, whatever stands in its row", async () => {
    const { run, close } = await open();
    const [whole, part] = [batch(5, 1), batch(5, 9)];
    const mixed = { x: { ...whole.x, x: { ...whole.x.x, data: whole.x.x.data.slice() } }, y: whole.y };
    mixed.x.x.data.set(part.x.x.data.slice(0, mixed.x.x.data.length / 5), (4 * mixed.x.x.data.length) / 5);
    const [a, b] = [await run(whole, 0.5, [1, 1, 1, 1, 0]), await run(mixed, 0.5, [1, 1, 1, 1, 0])];
    expect([...a.sums]).toEqual([...b.sums]);
    expect(a.squaredNorms[4]).toBe(0);
    expect(a.loss).toBe(b.loss);
    const four = await run(rowsOf(whole, 0, 4), 0.5, ones(4));
    for (const [name, sum] of four.sums) expectNear(a.sums.get(name)!, sum, name);
    await close();
  });

  it("gives of parts of a batch, added up, what it gives of the whole", async () => {
    const { run, close } = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.integer({ min: 1, max: 8 }),
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        async (seed, at, bound) => {
          const all = batch(9, seed);
          const whole = await run(all, bound, ones(9));
          const [a, b] = [await run(rowsOf(all, 0, at), bound, ones(at)), await run(rowsOf(all, at, 9), bound, ones(9 - at))];
          for (const [name, sum] of whole.sums)
            expectNear(
              sum.map((_, i) => a.sums.get(name)![i]! + b.sums.get(name)![i]!),
              sum,
              name,
            );
        },
      ),
      { numRuns: 10, seed: 1 },
    );
    await close();
  });

  it("keeps the sum of one example within the bound, also when its weight is large", async () => {
    const { run, close } = await open();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.double({ min: 1e-3, max: 3, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        async (seed, bound, weight) => {
          const { sums, squaredNorms } = await run(batch(1, seed), bound, [weight]);
          expect(norm(sums.values())).toBeLessThanOrEqual(bound * (1 + 1e-5));
          expectNear([norm(sums.values())], [Math.min(bound, Math.sqrt(squaredNorms[0]!))], "norm after clipping");
        },
      ),
      { numRuns: 10, seed: 1 },
    );
    await close();
  });

  it("clips each layer by its own bound, and layers are modules", async () => {
    const { made, run, close } = await open({ clipping: { mode: "per-layer" } });
    expect(made.layers.map(({ name }) => name)).toEqual(["c", "e", "f", "g"]);
    const data = batch(4, 2);
    const bounds = [0.1, 0.05, 0.3, 100];
    const got = await run(data, bounds, ones(4));
    const { gradients } = await oneByOne(model, data, { loss: "cross-entropy", wrt: [...made.sums.keys()] });
    for (const [i, { parameters }] of made.layers.entries()) {
      const norms = gradients.map((of) => norm(parameters.map((name) => of.get(name)!)));
      expectNear(
        norms.map((_, row) => got.layerNorms[row * 4 + i]!),
        norms.map((of) => of * of),
        "layer norms",
      );
      for (const name of parameters) {
        const want = gradients[0]!
          .get(name)!
          .map((_, at) =>
            gradients.reduce((sum, of, row) => sum + of.get(name)![at]! * Math.min(1, bounds[i]! / norms[row]!), 0),
          );
        expectNear(got.sums.get(name)!, want, name);
      }
    }
    await close();
  });

  it.for(["auto", "ghost", "materialise"] as const)("clips the sum over a user's examples (%s)", async (operators) => {
    const { made, run, close } = await open({ clipping: { mode: "per-user" }, operators });
    const data = batch(6, 3);
    const users = [70, -2, 70, 5, -2, 70];
    const got = await run(data, 0.8, [1, 1, 0.5, 1, 1, 1], users);
    const { gradients } = await oneByOne(model, data, { loss: "cross-entropy", wrt: [...made.sums.keys()] });
    const names = [...made.sums.keys()];
    const byUser = [-2, 5, 70].map(
      (user) =>
        new Map(
          names.map((name) => [
            name,
            gradients[0]!
              .get(name)!
              .map((_, at) =>
                gradients.reduce((sum, of, i) => sum + (users[i] === user ? of.get(name)![at]! * (i === 2 ? 0.5 : 1) : 0), 0),
              ),
          ]),
        ),
    );
    const norms = byUser.map((of) => norm(of.values()));
    expectNear(
      got.squaredNorms,
      norms.map((of) => of * of),
      "norms by user, in the order of the ids",
    );
    for (const name of names) {
      const want = byUser[0]!
        .get(name)!
        .map((_, at) => byUser.reduce((sum, of, i) => sum + of.get(name)![at]! * Math.min(1, 0.8 / norms[i]!), 0));
      expectNear(got.sums.get(name)!, want, name);
    }
    await close();
  });
});

describe("refusals", () => {
  const normed = (training: number): Model => {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 8, 4, 4]);
    const parts = ["scale", "shift", "mean"].map((name, i) => b.initializer(name, floats([8], i)));
    const variance = b.initializer(
      "variance",
      tensorOf(
        "float32",
        [8],
        Array.from({ length: 8 }, () => 1),
      ),
    );
    const [y] = b.call({
      op: "BatchNormalization",
      name: "bn1",
      inputs: [x, ...parts, variance],
      attributes: { training_mode: training },
      outputs: training === 1 ? 3 : 1,
    });
    b.output(b.op("Gemm", [b.op("Flatten", [y!]), b.initializer("w", floats([128, 3], 5))]), "float32", ["N", 3]);
    return b.model();
  };

  it("name the node that mixes examples, why, and what helps", () => {
    expect(() => perExample(normed(1), { loss: "cross-entropy" })).toThrowError(
      expect.objectContaining({
        code: "autodiff/mixes-examples",
        message:
          "node `BatchNormalization bn1` (BatchNormalization) has no gradient for each example: in training form it normalises over the batch, so that each example's gradient depends on all others",
        hint: "normalise each example by itself: `--replace batch-norm=group-norm`",
      }),
    );
  });

  it("are gone once batch normalisation is replaced, and the scale and bias stay", () => {
    for (const training of [0, 1]) {
      const apart = replaceBatchNorm(normed(training), "group-norm");
      expect([...perExample(apart, { loss: "cross-entropy" }).sums.keys()]).toEqual(["scale", "shift", "w"]);
      expect(apart.graph.initializers.has("mean")).toBe(false);
    }
  });

  it("meet every way in which a batch may mix before the loss", () => {
    const mixing = (build: (b: GraphBuilder, x: string) => string): Model => {
      const b = new GraphBuilder();
      const x = b.op("MatMul", [b.input("x", "float32", ["N", 4]), b.initializer("w", floats([4, 4], 1))]);
      b.output(build(b, x), "float32");
      return b.model();
    };
    const ways = [
      mixing((b, x) => b.op("Sub", [x, b.op("ReduceMean", [x, b.ints([0])])])),
      mixing((b, x) => b.op("Softmax", [x], { axis: 0 })),
      mixing((b, x) => b.op("MatMul", [b.op("MatMul", [x, b.op("Transpose", [x], { perm: [1, 0] })]), x])),
      mixing((b, x) => b.op("Reshape", [x, b.ints([4, -1])])),
    ];
    for (const of of ways)
      expect(() => perExample(of, { loss: "sum" })).toThrowError(expect.objectContaining({ code: "autodiff/mixes-examples" }));
  });

  it("name a parameter that is none", () => {
    expect(() => perExample(model, { loss: "cross-entropy", wrt: ["x"] })).toThrowError(/`x` is not a parameter/);
    expect(() => perExample(model, { loss: "cross-entropy", wrt: ["c.weigth"] })).toThrowError(
      expect.objectContaining({ hint: "did you mean `c.weight`?" }),
    );
  });
});

it("the bundled digit model has a clipped step of its four layers", () => {
  const digits = readModel(new Uint8Array(readFileSync(new URL("../../../../examples/models/digits.onnx", import.meta.url))));
  expect(perExample(digits, { loss: "cross-entropy" }).layers.map(({ name }) => name)).toEqual(["c1", "c2", "f1", "f2"]);
});
