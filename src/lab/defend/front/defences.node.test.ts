import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { digits, digitsModel, expectedLogits } from "../../../../test/helpers/digits.ts";
import { GraphBuilder, readModel, tensorOf, toFloat, writeModel } from "../../../model/onnx/index.ts";
import type { Dim, Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { defend, ensembleOf, parseSpec, quantisationSteps, recordOf } from "../index.node.ts";
import type { Spec } from "../index.node.ts";

interface Numbers {
  readonly dims: readonly number[];
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Numbers of other implementations; `make.py` beside them made them. */
const others = JSON.parse(readFileSync(new URL("../../../../test/fixtures/defence/numbers.json", import.meta.url), "utf8")) as {
  jpeg: readonly (Numbers & { quality: number; chroma: string; tables: Readonly<Record<string, readonly number[]>> })[];
  median: readonly (Numbers & { size: number })[];
  squeeze: readonly (Omit<Numbers, "dims"> & { bits: number; low: number; high: number })[];
};

/** A model that gives what it is given. */
function mirror(dims: readonly Dim[]): Model {
  const b = new GraphBuilder();
  b.output(b.op("Identity", [b.input("x", "float32", dims)]), "float32", dims);
  return b.model();
}

async function seen(specs: readonly Spec[], dims: readonly number[], x: readonly number[]): Promise<Float32Array> {
  return run(defend(mirror(["N", ...dims]), specs), [1, ...dims], x);
}

async function run(model: Model, dims: readonly number[], x: ArrayLike<number>): Promise<Float32Array> {
  const session = await openSession(writeModel(model), { threads: 1 });
  try {
    const answer = await session.run({ [session.inputs[0]!.name]: tensorOf("float32", dims, Array.from(x)) });
    return toFloat(Object.values(answer)[0]!);
  } finally {
    await session.close();
  }
}

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
const mean = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;

describe("a defence in front of a model", () => {
  it.each(others.squeeze)("rounds to $bits bits as numpy does, on $low … $high", async ({ bits, low, high, x, y }) => {
    const found = await seen([{ id: "squeeze", params: { bits, low, high } }], [x.length], x);
    expect(worst(found, y)).toBeLessThan(1e-5 * (high - low));
  });

  it.each(others.median)("takes the median of $size × $size as scipy does", async ({ size, dims, x, y }) => {
    const found = await seen([{ id: "median", params: { size } }], dims, x);
    expect(worst(found, y)).toBe(0);
  });

  it.each(others.jpeg)(
    "leaves of $dims at quality $quality ($chroma colour) what libjpeg leaves",
    async ({ dims, quality, chroma, x, y, tables }) => {
      expect(quantisationSteps("luminance", quality)).toEqual(tables["0"]);
      if (dims[0] === 3) expect(quantisationSteps("chrominance", quality)).toEqual(tables["1"]);
      const found = await seen([{ id: "jpeg", params: { quality, chroma, high: 255 } }], dims, x);
      // It reckons in whole numbers: a coefficient close to halfway between two steps may fall on either side. At fine steps that is often.
      expect(mean(found, y)).toBeLessThan(dims[0] === 3 ? 1.2 : 0.3);
      expect(worst(found, y)).toBeLessThanOrEqual(dims[0] === 3 ? 12 : 3);
    },
  );

  it("does the same to pictures whose planes come last", async () => {
    const { dims, x, y } = others.median.find(({ dims: [channels] }) => channels === 3)!;
    const [channels, height, width] = dims as [number, number, number];
    const turned = (values: readonly number[]): number[] =>
      Array.from({ length: values.length }, (_, i) => values[(i % channels) * height * width + Math.floor(i / channels)]!);
    expect(worst(await seen([parseSpec("median:size=3")], [height, width, channels], turned(x)), turned(y))).toBe(0);
  });

  it("is met in the order in which it was named, and is written into the file", async () => {
    const model = defend(mirror(["N", 1, 8, 8]), [parseSpec("squeeze:bits=1"), parseSpec("median")]);
    const again = defend(model, [parseSpec("jpeg:quality=60")]);
    expect(recordOf(readModel(writeModel(again)))?.defences.map(({ id }) => id)).toEqual(["jpeg", "squeeze", "median"]);
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(["x"]);
  });

  it.each([
    [["N", 784], "median", "works on pictures"],
    [["N", 4, 8, 8], "jpeg", "works on pictures"],
    [["N", 3, "H", "W"], "jpeg", "works on pictures"],
  ] as const)("refuses an input of %s for %s", (dims, id, message) => {
    expect(() => defend(mirror(dims), [parseSpec(id)])).toThrow(message);
  });

  it.each([
    ["squeeze:bits=0", "squeeze: `bits`"],
    ["squeeze:bots=3", "squeeze: "],
    ["jpeg:quality=101", "jpeg: `quality`"],
    ["jpeg:chroma=most", "jpeg: `chroma`"],
    ["squeeze:low=1,high=0", "squeeze: values from 1 to 0"],
    ["squeeze:bits", "cannot be read"],
    ["sqeeze", "no defence `sqeeze`"],
  ])("refuses %s", (text, message) => {
    expect(() => defend(mirror(["N", 1, 8, 8]), [parseSpec(text)])).toThrow(message);
  });
});

describe("an ensemble", () => {
  it("of a model with itself answers as the model does", async () => {
    const model = readModel(digitsModel());
    const both = ensembleOf([model, model]);
    const { dims, data } = digits(0, 4).input;
    const logits = await run(both, dims, toFloat({ type: "float32", dims, data: data as Uint8Array }));
    const expected = expectedLogits(0, 4);
    for (let row = 0; row < 4; row++) {
      const own = expected.slice(10 * row, 10 * row + 10);
      const total = Math.log(own.reduce((sum, z) => sum + Math.exp(z), 0));
      expect(
        worst(
          logits.subarray(10 * row, 10 * row + 10),
          own.map((z) => z - total),
        ),
      ).toBeLessThan(1e-4);
    }
  });

  it("gives the mean of its members' probabilities", async () => {
    const constant = (scores: readonly number[]): Model => {
      const b = new GraphBuilder();
      const x = b.input("x", "float32", ["N", 2]);
      const zero = b.op("MatMul", [x, b.initializer("w", tensorOf("float32", [2, 2], [0, 0, 0, 0]))]);
      b.output(b.op("Softmax", [b.op("Add", [zero, b.constant(tensorOf("float32", [2], scores))])], { axis: 1 }), "float32", [
        "N",
        2,
      ]);
      return b.model();
    };
    const both = ensembleOf([constant([0, Math.log(3)]), constant([Math.log(4), 0])]);
    expect(worst(await run(both, [1, 2], [0.3, 0.4]), [(0.25 + 0.8) / 2, (0.75 + 0.2) / 2])).toBeLessThan(1e-6);
  });

  it("refuses members that do not fit each other", () => {
    const model = readModel(digitsModel());
    const other = new GraphBuilder();
    const x = other.input("x", "float32", ["N", 784]);
    other.output(
      other.op("MatMul", [
        x,
        other.constant(
          tensorOf(
            "float32",
            [784, 3],
            Array.from({ length: 2352 }, () => 0.1),
          ),
        ),
      ]),
      "float32",
      ["N", 3],
    );
    expect(() => ensembleOf([model])).toThrow("an ensemble of one model");
    expect(() => ensembleOf([model, other.model()])).toThrow("10 classes, another 3");
  });
});
