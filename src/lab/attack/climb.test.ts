import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tanhNet } from "../../../test/helpers/tanh-net.ts";
import { createSeeded } from "../../base/math/index.ts";
import { toFloat } from "../../model/onnx/index.ts";
import { attacks, openTarget, runAttack } from "./index.node.ts";
import type { AttackResult, AttackTarget } from "./index.node.ts";

const [rowSize, classes, size] = [24, 5, 10];

const network = (holes: boolean) => tanhNet({ rowDims: [rowSize], classes, seed: 4, spread: 3, holes });

const random = createSeeded(9);
// A third of the numbers is 0, on the bound.
const x = Float32Array.from({ length: size * rowSize }, (_, i) => (i % 3 === 0 ? 0 : random.unit()));
const threat = { norm: "linf" as const, epsilons: [0.03, 0.1], bounds: { low: 0, high: 1 } };
let labels: Int32Array;
let targets: Record<"plain" | "holes", AttackTarget>;

beforeAll(async () => {
  targets = { plain: await openTarget(network(false)), holes: await openTarget(network(true)) };
  labels = await targets.plain.decide({ x, count: size });
});
afterAll(() => Promise.all(Object.values(targets).map((target) => target.close())));

const withoutClimb = (target: AttackTarget): AttackTarget => {
  const { climb: _, ...whiteBox } = target.whiteBox!;
  return { ...target, whiteBox };
};

const facts = ({ perEpsilon, brokenBy, distance }: AttackResult) => ({
  success: perEpsilon.map(({ success }) => [...success]),
  restarts: perEpsilon.map(({ restarts }) => restarts),
  zero: perEpsilon.map(({ zeroGradients }) => [...zeroGradients]),
  brokenBy,
  distance: [...distance].map((far) => Number(far.toFixed(5))),
});

describe("steps asked together", () => {
  it.each([
    ["pgd", { steps: 30, restarts: 2 }],
    ["pgd", { steps: 30, loss: "margin" }],
    ["bim", { steps: 30 }],
    ["apgd-ce", { steps: 40 }],
    ["apgd-dlr", { steps: 40 }],
    ["apgd-t", { steps: 25, targetClasses: 3 }],
  ] as const)("find what steps asked one by one find: %s %j", async (id, params) => {
    for (const target of [targets.plain, targets.holes]) {
      const ask = (of: AttackTarget) => runAttack(attacks.get(id), { target: of, x, labels, threat, params, seed: 3 });
      const [together, alone] = [await ask(target), await ask(withoutClimb(target))];
      expect(facts(together)).toEqual(facts(alone));
      for (const [level, pass] of together.perEpsilon.entries()) {
        const other = alone.perEpsilon[level]!;
        expect(pass.trace.mean.length).toBeGreaterThanOrEqual(other.trace.mean.length - 1);
        for (const [step, loss] of other.trace.mean.entries()) expect(pass.trace.mean[step] ?? loss).toBeCloseTo(loss, 3);
      }
      // Rows that fall in the middle are computed to the end of their climb, and counted.
      expect(together.totalGradients).toBeGreaterThanOrEqual(alone.totalGradients);
      expect(together.nonFinite).toEqual(alone.nonFinite);
    }
  });

  it("are asked one by one where the first wrong answer is not enough: a lead is wanted, or a detector must be passed", async () => {
    const refusing = await openTarget(network(false), { refuses: true });
    const own = labels.map((label) => label % (classes - 1));
    for (const asked of [
      { target: targets.plain, labels, confidence: 2 },
      { target: refusing, labels: own },
    ]) {
      const ask = (target: AttackTarget) => runAttack(attacks.get("pgd"), { ...asked, target, x, threat, params: { steps: 30 } });
      expect(facts(await ask(asked.target))).toEqual(facts(await ask(withoutClimb(asked.target))));
    }
    await refusing.close();
  });

  it("count every step that the model makes, and never go beyond a budget in a climb's middle", async () => {
    let asked = 0;
    const box = targets.plain.whiteBox!;
    const counted: AttackTarget = {
      ...targets.plain,
      whiteBox: {
        ...box,
        gradient: (loss, rows, feed, how) => {
          asked += rows.count;
          return box.gradient(loss, rows, feed, how);
        },
        climb: (loss, from, feed, how) => {
          asked += feed.size.length * feed.steps;
          return box.climb!(loss, from, feed, how);
        },
      },
    };
    const small = { ...threat, epsilons: [0.001] };
    const common = { target: counted, x, labels, threat: small, params: { steps: 40 } };
    const result = await runAttack(attacks.get("pgd"), common);
    expect(result.totalGradients).toBe(asked);
    expect([...result.counts.gradients]).toEqual(Array.from({ length: size }, () => 40));
    const cut = await runAttack(attacks.get("pgd"), { ...common, budget: { gradients: 13 } });
    expect(Math.max(...cut.counts.gradients)).toBe(13);
    expect(cut.stopped?.reason).toBe("budget");
  });

  it("stay in the box to the last bit, with a cost for each number", async () => {
    const costs = Float32Array.from({ length: rowSize }, (_, i) => 1 + (i % 4));
    const constrained = { ...threat, constraints: { costs } };
    const result = await runAttack(attacks.get("pgd"), { target: targets.plain, x, labels, threat: constrained });
    for (const { adversarial, epsilon } of result.perEpsilon) {
      const points = toFloat(adversarial);
      for (let i = 0; i < points.length; i++) {
        const radius = epsilon / costs[i % rowSize]!;
        expect(
          points[i]! >= Math.max(0, Math.fround(x[i]! - radius)) && points[i]! <= Math.min(1, Math.fround(x[i]! + radius)),
        ).toBe(true);
      }
    }
  });
});
