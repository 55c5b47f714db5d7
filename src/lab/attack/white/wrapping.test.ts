import { describe, expect, it } from "vitest";
import { openTarget } from "../index.node.ts";
import type { TargetOptions } from "../index.node.ts";
import { withLogarithms } from "../index.ts";
import { GraphBuilder, tensorOf } from "../../../model/onnx/index.ts";
import type { Dim, Model } from "../../../model/onnx/index.ts";

type Tail = (b: GraphBuilder, scores: string) => string;

/** Two numbers a row, and scores that are linear in them. */
function linear({
  columns = 3,
  input = ["N", 2] as readonly Dim[],
  tail = (_b, s) => s,
}: {
  columns?: number;
  input?: readonly Dim[];
  tail?: Tail;
}): Model {
  const b = new GraphBuilder();
  const rows = b.op("Reshape", [b.input("x", "float32", input), b.ints([-1, 2])]);
  const weights = tensorOf(
    "float32",
    [2, columns],
    Array.from({ length: 2 * columns }, (_, k) => [1, -1, 0.5, -2, 0.25, 3][k]!),
  );
  b.output(tail(b, b.op("MatMul", [rows, b.constant(weights)])));
  return b.model();
}

const x = Float32Array.of(1, 0, 0, 1);

/** Scores of the two rows, and the slope of the margin at the first of them. */
async function asked(model: Model, options: TargetOptions = {}) {
  const target = await openTarget(model, options);
  const scores = await target.scores!({ x, count: 2 });
  const { gradient } = await target.whiteBox!.gradient("margin", { x, count: 2 }, { labels: Int32Array.of(0, 0) });
  await target.close();
  const { classes, notes, rowDims } = target;
  return { scores: [...scores], slope: [...gradient.subarray(0, 2)], classes, notes, rowDims };
}

describe("a model as exporters wrap it is the classifier inside", () => {
  it("a single score is two classes, whatever shape it has", async () => {
    const shapes: Tail[] = [
      (_b, s) => s,
      (b, s) => b.op("Squeeze", [s, b.ints([1])]),
      (b, s) => b.op("Squeeze", [b.op("Sigmoid", [s]), b.ints([1])]),
    ];
    for (const tail of [...shapes, ((b, s) => b.op("Sigmoid", [s])) as Tail]) {
      const { scores, slope, classes } = await asked(linear({ columns: 1, tail }));
      expect({ scores, classes }).toEqual({ scores: [0, 1, 0, -1], classes: 2 });
      expect(slope).toEqual([1, -1]);
    }
  });

  it("a Softmax is cut off behind a change of shape, of precision or of a row's size", async () => {
    const inside = await asked(linear({}));
    const tails: Tail[] = [
      (b, s) => b.op("Reshape", [b.op("Softmax", [s], { axis: -1 }), b.ints([-1, 3])]),
      (b, s) => b.op("Cast", [b.op("Softmax", [s], { axis: 1 })], { to: 11 }),
      (b, s) => {
        const p = b.op("Softmax", [s], { axis: -1 });
        return b.op("Div", [p, b.op("ReduceSum", [p, b.ints([1])], { keepdims: 1 })]);
      },
      (b, s) => b.op("Softmax", [b.op("Unsqueeze", [s, b.ints([2, 3])])], { axis: 1 }),
    ];
    for (const tail of tails) {
      const { scores, slope, classes, notes } = await asked(linear({ tail }));
      expect({ scores, slope, classes }).toEqual({ scores: inside.scores, slope: inside.slope, classes: 3 });
      expect(notes.join()).toContain("Softmax at the end was cut off");
    }
  });

  it("an Exp is cut off, alone or as a Softmax written by hand", async () => {
    const inside = await asked(linear({}));
    const tails: Tail[] = [
      (b, s) => b.op("Exp", [s]),
      (b, s) => {
        const e = b.op("Exp", [s]);
        return b.op("Div", [e, b.op("ReduceSum", [e, b.ints([1])], { keepdims: 1 })]);
      },
    ];
    for (const tail of tails) {
      const { scores, slope, notes } = await asked(linear({ tail }));
      expect({ scores, slope }).toEqual({ scores: inside.scores, slope: inside.slope });
      expect(notes.join()).toContain("Exp at the end was cut off");
    }
  });

  it("probabilities become logarithms down to a floor, under the output's own name and beside any other", async () => {
    const tail: Tail = (b, s) => {
      const p = b.op("Softmax", [b.op("Mul", [s, b.scalar("float32", 50)])], { axis: 1 });
      b.output(p, "float32", ["N", 3]);
      return b.op("Cast", [b.op("Neg", [p])], { to: 11 });
    };
    const given = linear({ tail });
    const [p, negative] = given.graph.outputs.map(({ name }) => name) as [string, string];
    const logarithms = withLogarithms(given, p);
    expect(logarithms.graph.outputs.map(({ name }) => name)).toEqual([p]);
    const { scores } = await asked(logarithms, { output: p });
    // 50 · (1, −1, 0.5): the softmax of −50 beside 50 is 10⁻⁴³.
    expect(scores[0]).toBeCloseTo(0, 5);
    expect(scores[1]).toBeCloseTo(Math.log(1e-30), 3);
    expect(scores[2]).toBeCloseTo(-25, 3);
    expect(withLogarithms(given, negative).graph.outputs).toMatchObject([{ name: negative }]);
  });

  it.for(["float16", "float64"] as const)("an input of %s is asked in float32", async (type) => {
    const b = new GraphBuilder();
    const weights = tensorOf(type, [2, 3], [1, -1, 0.5, -2, 0.25, 3]);
    b.output(b.op("MatMul", [b.input("x", type, ["N", 2]), b.constant(weights)]));
    const { scores, slope, notes } = await asked(b.model());
    expect(scores).toEqual([1, -1, 0.5, -2, 0.25, 3]);
    expect(slope).toEqual([-0.5, 5]);
    expect(notes).toEqual([`its input is ${type}: examples are float32 and rounded to that`]);
  });

  it("Dropout that was left on is off, in its answers and in its gradients, as ONNX Runtime has it", async () => {
    const tail: Tail = (b, s) => b.op("Dropout", [s, b.scalar("float32", 0.5), b.constant(tensorOf("bool", [], [1]))]);
    const [inside, left] = [await asked(linear({})), await asked(linear({ tail }))];
    expect(left).toEqual(inside);
  });

  it("sizes that the model leaves open are those of the examples", async () => {
    const open = linear({ input: ["N", 1, "H", "W"] });
    expect((await asked(open, { rowDims: [1, 1, 2] })).scores).toEqual((await asked(linear({}))).scores);
    await expect(openTarget(open, { rowDims: [2, 1, 2] })).rejects.toMatchObject({ code: "attack/unsupported-model" });
    await expect(openTarget(open)).rejects.toMatchObject({ code: "attack/unsupported-model" });
  });

  it("what ONNX does not define is asked for scores, whatever follows it", async () => {
    const b = new GraphBuilder({
      opsets: new Map([
        ["", 18],
        ["com.microsoft", 1],
      ]),
    });
    const inputs = [b.input("x", "float32", ["N", 2])];
    const [fused] = b.call({ op: "QuickGelu", domain: "com.microsoft", inputs, attributes: { alpha: 1.5 }, outputs: 1 });
    b.output(b.op("Mul", [fused, b.scalar("float32", 2)]), "float32", ["N", 2]);
    const target = await openTarget(b.model());
    expect(target).toMatchObject({ knowledge: "scores", classes: 2, notes: ["no gradient reaches the input"] });
    expect((await target.scores!({ x, count: 2 }))[1]).toBe(0);
    await target.close();
  });
});
