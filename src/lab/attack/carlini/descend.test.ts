import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tanhNet } from "../../../../test/helpers/tanh-net.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { toFloat } from "../../../model/onnx/index.ts";
import { attacks, openTarget, runAttack } from "../index.node.ts";
import type { AttackOptions, AttackResult, AttackTarget } from "../index.node.ts";

const [rowSize, classes, size] = [24, 5, 8];

const network = (holes: boolean) => tanhNet({ rowDims: [rowSize], classes, seed: 4, spread: 3, holes });

const random = createSeeded(9);
// Every other number is fixed at 0 by its bounds.
const high = Float32Array.from({ length: rowSize }, (_, i) => (i % 2 === 0 ? 0 : 1));
const x = Float32Array.from({ length: size * rowSize }, (_, i) => random.unit() * high[i % rowSize]!);
const threat = { norm: "l2" as const, epsilons: [100], bounds: { low: 0, high } };
const params = { searchSteps: 4, startConstant: 0.1, steps: 120, learningRate: 0.02 };
let labels: Int32Array;
let target: AttackTarget;
let holes: AttackTarget;

beforeAll(async () => {
  [target, holes] = [await openTarget(network(false)), await openTarget(network(true))];
  labels = await target.decide({ x, count: size });
});
afterAll(() => Promise.all([target.close(), holes.close()]));

const alone = (of: AttackTarget): AttackTarget => {
  const { descend: _, ...whiteBox } = of.whiteBox!;
  return { ...of, whiteBox };
};

const attack = (of: AttackTarget, more: Partial<AttackOptions> = {}): Promise<AttackResult> =>
  runAttack(attacks.get("carlini-wagner"), { target: of, x, labels, threat, params, ...more });

describe("steps of a descent that are asked together", () => {
  it("find wrong answers as near as those asked one by one, where slopes have holes as well", async () => {
    for (const of of [target, holes]) {
      const [together, one] = [await attack(of), await attack(alone(of))];
      expect(together.brokenBy).toEqual(one.brokenBy);
      expect(together.brokenBy.filter((part) => part === "carlini-wagner").length).toBeGreaterThan(size / 2);
      for (const [i, far] of together.distance.entries()) if (far < Infinity) expect(far / one.distance[i]!).toBeCloseTo(1, 2);
      expect(together.nonFinite).toEqual(one.nonFinite);
    }
  });

  it("reach the class that was named, also where a third one lies between", async () => {
    const targets = labels.map((label) => (label + 2) % classes);
    const goal = { kind: "targeted" as const, targets };
    const result = await attack(target, { threat: { ...threat, goal }, params: { ...params, searchSteps: 5 } });
    expect([...(await target.decide({ x: toFloat(result.nearest), count: size }))]).toEqual([...targets]);
  });

  it("are points that the model itself calls wrong, between their bounds to the last bit", async () => {
    const result = await attack(target);
    const points = toFloat(result.nearest);
    const answers = await target.decide({ x: points, count: size });
    for (const [i, far] of result.distance.entries()) expect(answers[i] !== labels[i]).toBe(far < Infinity);
    expect(points.every((value, i) => value >= 0 && value <= high[i % rowSize]!)).toBe(true);
  });

  it("are counted one by one, and end where the budget does", async () => {
    let asked = 0;
    const box = target.whiteBox!;
    const counted: AttackTarget = {
      ...target,
      whiteBox: {
        ...box,
        gradient: (loss, rows, feed, how) => {
          asked += rows.count;
          return box.gradient(loss, rows, feed, how);
        },
        descend: (loss, from, feed, how) => {
          asked += feed.constant.length * feed.rates.length;
          return box.descend!(loss, from, feed, how);
        },
      },
    };
    expect((await attack(counted)).totalGradients).toBe(asked);
    const cut = await attack(counted, { budget: { gradients: 17 } });
    expect([...cut.counts.gradients]).toEqual(Array.from({ length: size }, () => 17));
    expect(cut.stopped?.reason).toBe("budget");
  });

  it("are asked one by one where numbers have no bounds or change at different costs", async () => {
    const never: AttackTarget = {
      ...target,
      whiteBox: { ...target.whiteBox!, descend: () => Promise.reject(new Error("nobody may ask this")) },
    };
    const open = { ...threat, bounds: { low: -Infinity, high: Infinity } };
    const dear = { ...threat, constraints: { costs: new Float32Array(rowSize).fill(2) } };
    for (const given of [open, dear]) {
      const result = await attack(never, { threat: given, params: { ...params, searchSteps: 2 } });
      expect(result.stopped).toBeUndefined();
    }
  });
});
