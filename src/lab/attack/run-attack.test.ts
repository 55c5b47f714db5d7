import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attacks, distance, openTarget, runAttack } from "./index.node.ts";
import type { AttackTarget } from "./index.node.ts";
import { digits, digitsModel } from "../../../test/helpers/digits.ts";
import { toFloat } from "../../model/onnx/index.ts";

const bounds = { low: 0, high: 1 };
const x = toFloat(digits(0, 16).input).slice();
let target: AttackTarget;
let labels: Int32Array;

beforeAll(async () => {
  target = await openTarget(digitsModel());
  labels = await target.decide({ x, count: 16 });
});
afterAll(() => target.close());

describe("an attack on the digit model", () => {
  it("answers for every radius, each no easier to withstand than the one before", async () => {
    const threat = { norm: "linf" as const, epsilons: [0.3, 0.05, 0.15], bounds };
    const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat });
    expect(result.perEpsilon.map(({ epsilon }) => epsilon)).toEqual([0.05, 0.15, 0.3]);
    const robust = result.perEpsilon.map((pass) => pass.robust);
    expect(robust).toEqual(robust.toSorted((a, b) => b - a));
    expect(robust[2]).toBe(0);
    const last = result.perEpsilon[2]!;
    const found = toFloat(last.adversarial);
    for (const [i, label] of (await target.decide({ x: found, count: 16 })).entries()) expect(label).not.toBe(labels[i]);
  });

  it("says how far the nearest wrong answer is, and shows it", async () => {
    const threat = { norm: "l2" as const, epsilons: [2], bounds };
    const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat });
    const room = { norm: "l2" as const, rowSize: 784, low: new Float32Array(784), high: new Float32Array(784).fill(1) };
    const nearest = toFloat(result.nearest);
    for (const [i, far] of result.distance.entries()) {
      if (far === Infinity) continue;
      expect(distance(room, nearest, x, { x: i * 784, origin: i * 784 })).toBeCloseTo(far, 12);
      expect(far).toBeLessThanOrEqual(2.00001);
    }
    expect(result.distance.filter((far) => far < Infinity).length).toBeGreaterThan(8);
  });
});
