import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digits, digitsModel, expectedLogits } from "../../../../test/helpers/digits.ts";
import { createSeeded, upperBound } from "../../../base/math/index.ts";
import { GraphBuilder, readModel, tensorOf, toFloat, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { attacks, openTarget, runAttack } from "../../attack/index.node.ts";
import type { AttackTarget } from "../../attack/index.node.ts";
import { calibrate, defend, jointClassifier, parseSpec, recordOf, watch, withThreshold } from "../index.node.ts";
import type { Calibrated } from "../index.node.ts";

const plain = { rate: 0.05, bound: 0.05, confidence: 0.95, n: 100, exceeding: 1 };
const at = (threshold: number): Calibrated => ({ threshold, calibration: plain });

describe("a calibrated threshold", () => {
  it("lets through as many as the bound of Clopper and Pearson allows, and no more", () => {
    const suspicions = Array.from({ length: 1000 }, (_, i) => i);
    const { threshold, calibration } = calibrate(suspicions, { rate: 0.05 });
    expect(calibration.exceeding).toBe(suspicions.filter((value) => value > threshold).length);
    expect(calibration.bound).toBeLessThanOrEqual(0.05);
    expect(upperBound(calibration.exceeding + 1, 1000, 0.05)).toBeGreaterThan(0.05);
  });

  it("needs 59 harmless examples for a rate of 0.05", () => {
    expect(calibrate(new Float32Array(59), { rate: 0.05 }).calibration).toMatchObject({ n: 59, exceeding: 0 });
    expect(() => calibrate(new Float32Array(58), { rate: 0.05 })).toThrow(
      expect.objectContaining({ code: "defend/bad-option", hint: "give at least 59, or allow a higher rate" }) as Error,
    );
  });

  it("keeps its promise as often as it says, over many draws of the examples", () => {
    const random = createSeeded(31);
    const runs = 500;
    let kept = 0;
    for (let run = 0; run < runs; run++) {
      // Uniform suspicions: the share of all harmless inputs above a threshold t is 1 − t.
      const { threshold } = calibrate(
        Array.from({ length: 150 }, () => random.unit()),
        { rate: 0.1, confidence: 0.9 },
      );
      if (1 - threshold <= 0.1) kept++;
    }
    expect(kept / runs).toBeGreaterThan(0.9 - 4 * Math.sqrt(0.09 / runs));
  });

  it.each([
    [[1, Number.NaN], { rate: 0.5 }, "no number"],
    [[1], { rate: 0 }, "a false-positive rate of 0"],
    [[1], { rate: 0.5, confidence: 1 }, "a confidence of 1"],
  ] as const)("refuses %j with %j", (suspicions, goal, message) => {
    expect(() => calibrate(suspicions, goal)).toThrow(message);
  });
});

describe("a detector in front of the digit model", () => {
  const count = 6;
  const { data, dims } = digits(0, count).input;
  const x = toFloat({ type: "float32", dims, data: data as Uint8Array });
  const bare = readModel(digitsModel());
  const watched = watch(bare, parseSpec("squeeze:bits=1,median=2"));

  const run = async (model: Model): Promise<Record<string, Float32Array>> => {
    const session = await openSession(writeModel(model), { threads: 1 });
    const answer = await session.run({ [session.inputs[0]!.name]: tensorOf("float32", [count, 1, 28, 28], x) });
    await session.close();
    return Object.fromEntries(Object.entries(answer).map(([name, tensor]) => [name, toFloat(tensor)]));
  };
  const probabilities = (logits: Float32Array, row: number): number[] => {
    const own = [...logits.subarray(10 * row, 10 * row + 10)].map(Math.exp);
    const sum = own.reduce((a, b) => a + b, 0);
    return own.map((value) => value / sum);
  };

  it("answers as before, and tells how far the answers to squeezed copies lie apart", async () => {
    const { logits, suspicion } = await run(watched.model);
    const expected = expectedLogits(0, count);
    expect(Math.max(...logits!.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-3);
    const copies = await Promise.all(
      ["squeeze:bits=1", "median:size=2"].map(async (spec) => (await run(defend(bare, [parseSpec(spec)])))["logits"]!),
    );
    for (let row = 0; row < count; row++) {
      const own = probabilities(logits!, row);
      const distances = copies.map((copy) =>
        probabilities(copy, row).reduce((sum, value, k) => sum + Math.abs(value - own[k]!), 0),
      );
      expect(Math.abs(suspicion![row]! - Math.max(...distances))).toBeLessThan(1e-4);
    }
  });

  it("gives the same suspicion for the same input, noise or not", async () => {
    const { model } = watch(bare, parseSpec("noise:sigma=0.2,draws=2"));
    const first = (await run(model))["suspicion"]!;
    expect((await run(model))["suspicion"]).toEqual(first);
    expect(first.every((value) => value >= 0 && value <= 2)).toBe(true);
  });

  it("keeps its threshold in the file, and refuses a second detector", () => {
    const model = readModel(writeModel(withThreshold(watched, at(0.3))));
    expect(recordOf(model)?.detector).toMatchObject({ id: "squeeze", output: "suspicion", threshold: 0.3, calibration: plain });
    expect(() => watch(model, parseSpec("noise"))).toThrow("has a detector already");
  });

  it("becomes one class more, which leads exactly where the suspicion is above the threshold", async () => {
    const { suspicion, logits } = await run(watched.model);
    const threshold = [...suspicion!].toSorted((a, b) => a - b)[count >> 1]!;
    const joint = jointClassifier(withThreshold(watched, at(threshold)))!;
    const scores = Object.values(await run(joint.model))[0]!;
    for (let row = 0; row < count; row++) {
      const own = scores.subarray(11 * row, 11 * row + 11);
      expect(Math.max(...own.subarray(0, 10).map((value, k) => Math.abs(value - logits![10 * row + k]!)))).toBeLessThan(1e-4);
      expect(own[10]! > Math.max(...own.subarray(0, 10))).toBe(suspicion![row]! > threshold);
    }
  });

  it("is not read from a record that does not fit the graph", () => {
    const model = withThreshold(watched, at(0.3));
    expect(() => jointClassifier({ ...model, graph: bare.graph })).toThrow("that the model does not have");
    expect(() => recordOf({ metadata: new Map([["modelkeep.defence", "{"]]) })).toThrow("cannot be read");
  });
});

describe("an attack on a model that refuses", () => {
  /** Three classes by three numbers; refused where the first number is above 0.6. */
  function refusing(): Model {
    const b = new GraphBuilder();
    const x = b.input("x", "float32", ["N", 3]);
    const first = b.op("Slice", [x, b.ints([0]), b.ints([1]), b.ints([1])]);
    const over = b.op("Mul", [b.op("Sub", [first, b.scalar("float32", 0.6)]), b.scalar("float32", 10)]);
    const refusal = b.op("Add", [b.op("ReduceMax", [x, b.ints([1])], { keepdims: 1 }), over]);
    b.output(b.op("Concat", [x, refusal], { axis: 1 }), "float32", ["N", 4]);
    return b.model();
  }
  const x = Float32Array.of(0.5, 0.55, 0);
  let target: AttackTarget;
  beforeAll(async () => (target = await openTarget(refusing(), { refuses: true })));
  afterAll(() => target.close());

  it("has not won where it is refused", async () => {
    const play = (label: number, epsilon: number) =>
      runAttack(attacks.get("pgd"), {
        target,
        x,
        labels: Int32Array.of(label),
        threat: { norm: "linf", epsilons: [epsilon], bounds: { low: 0, high: 1 } },
        params: { steps: 60, loss: "margin" },
      });
    const found = await play(1, 0.08);
    expect(found.perEpsilon[0]!.success[0]).toBe(1);
    const [point] = [toFloat(found.nearest)];
    expect(point[0]! > point[1]! && point[0]! <= 0.6).toBe(true);
    expect(await target.decide({ x: Float32Array.of(0.9, 0.55, 0), count: 1 })).toEqual(Int32Array.of(3));
  });

  it.each(["margin", "cross-entropy", "dlr"] as const)("follows a %s that is the joint one", async (loss) => {
    const labels = Int32Array.of(1, 1, 1);
    // Right · wrong and refused · wrong and not refused.
    const points = Float32Array.of(0.5, 0.55, 0, 0.9, 0.55, 0, 0.58, 0.55, 0);
    const { loss: values, gradient } = await target.whiteBox!.gradient(loss, { x: points, count: 3 }, { labels });
    const edge = loss === "cross-entropy" ? Math.log(2) : 0;
    expect(values[0]!).toBeLessThan(loss === "cross-entropy" ? 2 : edge);
    expect(values[1]!).toBeLessThan(values[2]!);
    if (loss === "margin") expect([values[1]! < 0, values[2]! > 0]).toEqual([true, true]);
    // Where it is refused, less of what is suspicious is the way up.
    expect(gradient[3]!).toBeLessThan(0);
  });

  it.each(["fgsm", "apgd-ce", "apgd-dlr", "square", "deepfool", "fab-t"])(
    "is never credited to %s where it was refused",
    async (id) => {
      const result = await runAttack(attacks.get(id), {
        target,
        x,
        labels: Int32Array.of(1),
        threat: { norm: "linf", epsilons: [0.3], bounds: { low: 0, high: 1 } },
      });
      if (result.perEpsilon[0]!.success[0] === 1) {
        const [label] = await target.decide({ x: toFloat(result.perEpsilon[0]!.adversarial), count: 1 });
        expect([0, 2]).toContain(label);
      }
      expect(result.stopped).toBeUndefined();
    },
  );
});
