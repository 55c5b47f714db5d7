import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attacks, openEotTarget, openTarget, runAttack } from "../index.node.ts";
import type { AttackTarget, EotTarget } from "../index.node.ts";
import { digits, digitsModel } from "../../../../test/helpers/digits.ts";
import { toFloat } from "../../../model/onnx/index.ts";

const x = toFloat(digits(0, 4).input).slice();
const mild = {
  rotationDegrees: 15,
  scale: [0.9, 1.1],
  shift: 0.05,
  light: { gain: [0.8, 1.2], bias: 0.05 },
  blur: 0.3,
  noise: 0.02,
} as const;
const bounds = { low: 0, high: 1 };
let plain: AttackTarget;
let seen: EotTarget;
let labels: Int32Array;

beforeAll(async () => {
  [plain, seen] = await Promise.all([openTarget(digitsModel()), openEotTarget(digitsModel(), { transforms: mild, samples: 8 })]);
  labels = await plain.decide({ x, count: 4 });
});
afterAll(() => Promise.all([plain.close(), seen.close()]));

describe("a model behind transforms", () => {
  it("is the model itself when nothing is transformed", async () => {
    const still = await openEotTarget(digitsModel(), { transforms: {}, samples: 2 });
    const [theirs, ours] = [await still.scores!({ x, count: 4 }), await plain.scores!({ x, count: 4 })];
    for (const [i, score] of theirs.entries()) expect(score).toBeCloseTo(ours[i]!, 3);
    const feed = { labels };
    const [a, b] = await Promise.all([
      still.whiteBox!.gradient("margin", { x, count: 4 }, feed),
      plain.whiteBox!.gradient("margin", { x, count: 4 }, feed),
    ]);
    for (const [i, value] of a.gradient.entries()) expect(value).toBeCloseTo(b.gradient[i]!, 3);
    await still.close();
  });

  it("shows the picture as it is in one view of each point, where that is wanted", async () => {
    const wild = { rotationDegrees: 180, noise: 5 };
    const one = await openEotTarget(digitsModel(), { transforms: wild, samples: 1, still: true });
    const [theirs, ours] = [await one.scores!({ x, count: 4 }), await plain.scores!({ x, count: 4 })];
    for (const [i, score] of theirs.entries()) expect(score).toBeCloseTo(ours[i]!, 3);
    const shares = await one.wrongShare({ x, count: 4 }, labels, 20, 5);
    expect(Math.min(...shares)).toBeGreaterThan(0.3);
    await one.close();
  });

  it("is fooled in most fresh views by what was made for the expectation, and in fewer by what was made for one view", async () => {
    const threat = { norm: "linf" as const, epsilons: [0.25], bounds };
    const params = { steps: 20, loss: "margin" };
    const robust = await runAttack(attacks.get("pgd"), { target: seen, x, labels, threat, params });
    const once = await runAttack(attacks.get("pgd"), { target: plain, x, labels, threat, params });
    const share = async (found: Float32Array): Promise<number> => {
      const shares = await seen.wrongShare({ x: found, count: 4 }, labels, 40, 9);
      return shares.reduce((a, b) => a + b, 0) / 4;
    };
    const [clean, single, expected] = [await share(x), await share(toFloat(once.nearest)), await share(toFloat(robust.nearest))];
    expect(clean).toBeLessThan(0.25);
    expect(expected).toBeGreaterThan(0.5);
    expect(expected).toBeGreaterThan(single);
  });

  it("takes a patch that changes as many numbers as the radius says, in one square", async () => {
    const result = await runAttack(attacks.get("patch"), {
      target: plain,
      x,
      labels,
      threat: { norm: "l0", epsilons: [100], bounds },
    });
    const found = toFloat(result.nearest);
    expect(result.perEpsilon[0]!.success.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(3);
    for (let row = 0; row < 4; row++) {
      const changed = Array.from({ length: 784 }, (_, i) => i).filter((i) => found[row * 784 + i] !== x[row * 784 + i]);
      const lines = changed.map((i) => Math.floor(i / 28));
      const columns = changed.map((i) => i % 28);
      if (changed.length === 0) continue;
      expect(Math.max(...lines) - Math.min(...lines)).toBeLessThan(10);
      expect(Math.max(...columns) - Math.min(...columns)).toBeLessThan(10);
    }
  });

  it("puts a patch only where the constraints let it, in the shape that was asked for", async () => {
    const immutable = Array.from({ length: 784 }, (_, i) => i).filter((i) => i % 28 >= 14);
    const result = await runAttack(attacks.get("patch"), {
      target: plain,
      x,
      labels,
      threat: { norm: "l0", epsilons: [105], bounds, constraints: { immutable } },
      params: { shape: "rectangle", steps: 40 },
    });
    const found = toFloat(result.nearest);
    const changed = Array.from({ length: found.length }, (_, i) => i).filter((i) => found[i] !== x[i]);
    expect(changed.length).toBeGreaterThan(0);
    expect(changed.filter((i) => i % 28 >= 14)).toEqual([]);
  });
});
