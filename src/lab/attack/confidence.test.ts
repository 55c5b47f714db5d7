import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { attacks, openTarget, runAttack } from "./index.node.ts";
import type { AttackTarget, Goal } from "./index.node.ts";
import { leadOf } from "./lead.ts";
import { digits, digitsModel } from "../../../test/helpers/digits.ts";
import { toFloat } from "../../model/onnx/index.ts";

const count = 6;
const bounds = { low: 0, high: 1 };
const x = toFloat(digits(0, count).input).slice();
let target: AttackTarget;
let labels: Int32Array;

beforeAll(async () => {
  target = await openTarget(digitsModel());
  labels = await target.decide({ x, count });
});
afterAll(() => target.close());

async function leads(confidence: number | undefined, epsilon: number, goal?: Goal): Promise<number[]> {
  const result = await runAttack(attacks.get("pgd"), {
    target,
    x,
    labels,
    threat: { norm: "linf", epsilons: [epsilon], bounds, ...(goal === undefined ? {} : { goal }) },
    // Against all other classes, not only the right one, as a lead over all of them is wanted.
    params: { steps: 30, loss: goal === undefined ? "margin" : "cross-entropy" },
    ...(confidence === undefined ? {} : { confidence }),
  });
  const scores = await target.scores!({ x: toFloat(result.nearest), count });
  const targets = goal?.kind === "targeted" ? goal.targets : undefined;
  return Array.from({ length: count }, (_, row) =>
    leadOf({ scores, classes: 10, row, label: labels[row]!, target: targets?.[row] }),
  );
}

describe("an attack that is to be sure", () => {
  it("goes on until the wrong class leads as far as was asked", async () => {
    const [first, sure] = [await leads(undefined, 0.3), await leads(4, 0.3)];
    expect(Math.min(...first)).toBeLessThan(4);
    expect(Math.min(...sure)).toBeGreaterThanOrEqual(4);
  });

  it("does so for a class that was named", async () => {
    const goal: Goal = { kind: "targeted", targets: labels.map((label) => (label + 3) % 10) };
    expect(Math.min(...(await leads(1, 0.5, goal)))).toBeGreaterThanOrEqual(1);
  });

  it("keeps the surest point where none is as sure as asked, and never leaves the ball for it", async () => {
    const run = (confidence?: number) =>
      runAttack(attacks.get("pgd"), {
        target,
        x,
        labels,
        threat: { norm: "linf", epsilons: [0.15], bounds },
        params: { steps: 30, loss: "margin" },
        ...(confidence === undefined ? {} : { confidence }),
      });
    const [first, sure] = [await run(), await run(1e6)];
    expect(sure.perEpsilon[0]!.success).toEqual(first.perEpsilon[0]!.success);
    expect(Math.max(...sure.distance.filter((far) => far < Infinity))).toBeLessThanOrEqual(0.15 + 1e-6);
    const [a, b] = [await leads(undefined, 0.15), await leads(1e6, 0.15)];
    for (const [row, lead] of b.entries()) expect(lead).toBeGreaterThanOrEqual(a[row]! - 1e-5);
    expect(b.some((lead, row) => lead > a[row]! + 0.5)).toBe(true);
  });

  it("has to lead over a refusal as well, where a detector stands in front", async () => {
    const flagged = await openTarget(digitsModel(), { refuses: true });
    // The last digit plays the part of the refusal.
    const own = labels.map((label) => Math.min(label, 8));
    const result = await runAttack(attacks.get("pgd"), {
      target: flagged,
      x,
      labels: own,
      threat: { norm: "linf", epsilons: [0.5], bounds },
      params: { steps: 40, loss: "margin" },
      confidence: 3,
    });
    const scores = await flagged.scores!({ x: toFloat(result.nearest), count });
    const right = [...result.clean.keys()].filter((row) => result.clean[row] === 1);
    expect(right.length).toBeGreaterThan(2);
    for (const row of right) {
      expect(result.perEpsilon[0]!.success[row]).toBe(1);
      expect(leadOf({ scores, classes: 10, row, label: own[row]!, target: undefined, refusal: 9 })).toBeGreaterThanOrEqual(3);
    }
    await flagged.close();
  });

  it("is refused where it means nothing", async () => {
    const threat = { norm: "l2" as const, epsilons: [1], bounds };
    for (const [id, confidence] of [
      ["deepfool", 1],
      ["pgd", -1],
    ] as const) {
      await expect(runAttack(attacks.get(id), { target, x, labels, threat, confidence })).rejects.toThrow(
        expect.objectContaining({ code: "attack/bad-params" }) as Error,
      );
    }
  });
});
