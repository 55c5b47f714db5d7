import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openTarget, runAttack, transferFrom } from "../index.node.ts";
import type { AttackTarget } from "../index.node.ts";
import { digits, digitsModel } from "../../../../test/helpers/digits.ts";
import { toFloat } from "../../../model/onnx/index.ts";

const x = toFloat(digits(0, 8).input).slice();
let surrogate: AttackTarget;
let victim: AttackTarget;

beforeAll(async () => {
  [surrogate, victim] = await Promise.all([openTarget(digitsModel()), openTarget(digitsModel(), { knowledge: "decisions" })]);
});
afterAll(() => Promise.all([surrogate.close(), victim.close()]));

describe("an attack through a surrogate", () => {
  it("asks the target itself a few times only, and breaks it as well as it breaks the surrogate", async () => {
    const labels = await victim.decide({ x, count: 8 });
    const threat = { norm: "linf" as const, epsilons: [0.3], bounds: { low: 0, high: 1 } };
    const result = await runAttack(transferFrom(surrogate), { target: victim, x, labels, threat });
    expect(victim.whiteBox).toBeUndefined();
    expect(result.perEpsilon[0]!.robust).toBe(0);
    expect(result.totalGradients).toBe(0);
    expect(Math.max(...result.counts.queries)).toBeLessThanOrEqual(5);
  });
});
