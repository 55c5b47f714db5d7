import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tanhNet } from "../../../../test/helpers/tanh-net.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { toFloat } from "../../../model/onnx/index.ts";
import { attacks, openTarget, runAttack } from "../index.node.ts";
import type { AttackOptions, AttackResult, AttackTarget } from "../index.node.ts";

const [channels, side, classes, size] = [2, 5, 5, 12];
const rowSize = channels * side * side;

const network = () => tanhNet({ rowDims: [channels, side, side], classes, seed: 6, spread: 2 });

const random = createSeeded(2);
const x = Float32Array.from({ length: size * rowSize }, () => random.unit());
const bounds = { low: 0, high: 1 };
const threat = { norm: "linf" as const, epsilons: [0.1], bounds };
let target: AttackTarget;
let labels: Int32Array;

beforeAll(async () => {
  target = await openTarget(network(), { knowledge: "scores" });
  labels = await target.decide({ x, count: size });
});
afterAll(() => target.close());

const attack = (of: AttackTarget, more: Partial<AttackOptions> = {}): Promise<AttackResult> =>
  runAttack(attacks.get("square"), { target: of, x, labels, threat, params: { queries: 200 }, ...more });

/** Who answers in another way than the model itself has no such question. */
const wrapped = (of: AttackTarget): AttackTarget => ({ ...of, scores: (rows, ask) => of.scores!(rows, ask) });

describe("rounds of a search over patches that are asked together", () => {
  it("find what rounds asked one by one find, to the example", async () => {
    const [together, alone] = [await attack(target), await attack(wrapped(target))];
    const broken = ({ perEpsilon }: AttackResult) => perEpsilon[0]!.success.reduce((sum, one) => sum + one, 0);
    expect(broken(together)).toBeGreaterThan(size / 3);
    expect(Math.abs(broken(together) - broken(alone))).toBeLessThanOrEqual(1);
  });

  it("are points of the ball, between the bounds, that the model itself calls wrong", async () => {
    const { perEpsilon } = await attack(target);
    const points = toFloat(perEpsilon[0]!.adversarial);
    const answers = await target.decide({ x: points, count: size });
    expect([...perEpsilon[0]!.success]).toEqual(Array.from(labels, (label, i) => (answers[i] === label ? 0 : 1)));
    for (const [i, value] of points.entries()) {
      expect(value >= Math.max(0, Math.fround(x[i]! - 0.1)) && value <= Math.min(1, Math.fround(x[i]! + 0.1))).toBe(true);
    }
  });

  it("reach the class that was named", async () => {
    const targets = labels.map((label) => (label + 1) % classes);
    const goal = { kind: "targeted" as const, targets };
    const { perEpsilon } = await attack(target, { threat: { ...threat, epsilons: [0.5], goal } });
    const answers = await target.decide({ x: toFloat(perEpsilon[0]!.adversarial), count: size });
    const { success } = perEpsilon[0]!;
    expect(success.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(size / 2);
    for (const [i, one] of success.entries()) if (one === 1) expect(answers[i]).toBe(targets[i]);
  });

  /** The target, and how many rows it was asked; whether the examples themselves are answered rightly is asked first. */
  function counting(): { readonly counted: AttackTarget; asked: number } {
    const own = target.scores!;
    const seen = { asked: size };
    const scores = Object.assign((...[rows, ask]: Parameters<typeof own>) => ((seen.asked += rows.count), own(rows, ask)), {
      squares: ((...[loss, from, feed, how]) => {
        seen.asked += feed.top.length;
        return own.squares!(loss, from, feed, how);
      }) as NonNullable<typeof own.squares>,
    });
    return Object.assign(seen, { counted: { ...target, scores } });
  }

  it("never ask more than there is in all, whoever of the examples it goes to", async () => {
    for (const totalQueries of [30, 100, 250, 251]) {
      const seen = counting();
      const cut = await attack(seen.counted, { threat: { ...threat, epsilons: [0.0001] }, budget: { totalQueries } });
      expect([seen.asked, cut.totalQueries]).toEqual([totalQueries, totalQueries]);
      expect(cut.stopped?.reason).toBe("budget");
    }
  });

  it("are counted one by one, and end where the budget does", async () => {
    const seen = counting();
    const { counted } = seen;
    expect((await attack(counted)).totalQueries).toBe(seen.asked);
    const small = { ...threat, epsilons: [0.0001] };
    const cut = await attack(counted, { threat: small, budget: { queries: 17 } });
    expect([...cut.counts.queries]).toEqual(Array.from({ length: size }, () => 17));
    expect(cut.stopped?.reason).toBe("budget");
  });

  it("are asked one by one where the first wrong answer is not enough", async () => {
    const own = target.scores!;
    const scores = Object.assign((...given: Parameters<typeof own>) => own(...given), {
      squares: () => Promise.reject(new Error("nobody may ask this")),
    });
    const result = await attack({ ...target, scores }, { confidence: 1, params: { queries: 20 } });
    expect(result.stopped).toBeUndefined();
  });
});
