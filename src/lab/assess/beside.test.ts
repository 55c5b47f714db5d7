import { expect, it } from "vitest";
import type { AttackTarget } from "../attack/index.ts";
import { scoresBeside } from "./beside.ts";

/** Two numbers, which are the scores. */
const target: AttackTarget = {
  name: "its own scores",
  knowledge: "gradient",
  classes: 2,
  rowDims: [2],
  rowSize: 2,
  notes: [],
  scores: async ({ x }) => x.slice(),
  decide: async ({ count }) => new Int32Array(count),
  close: async () => {},
};

const x = Float32Array.of(0, 10, 10, 0, Number.NaN, Number.NaN, 3, 3);
const shareOf = (scores: readonly number[], unsteady = 0): Promise<number> =>
  scoresBeside(target, [{ rows: { x, count: 4 }, answer: { scores: Float32Array.from(scores) } }], { unsteady });

it("counts the points whose scores beside the gradient are others than the model's", async () => {
  expect(await shareOf([0, 10, 0, 10, Number.NaN, Number.NaN, 3, 3])).toBe(1 / 4);
  expect(await shareOf([0, 10, 0, 10, 1, 2, 3, Number.NaN])).toBe(3 / 4);
});

it("passes over the roundings of quantised nets, and over what chance makes of a random model's answers", async () => {
  expect(await shareOf([0.4, 10, 10, 0.4, Number.NaN, Number.NaN, 3, 3.4])).toBe(0);
  const apart = [4, 10, 10, 0, Number.NaN, Number.NaN, 3, 3];
  expect([await shareOf(apart), await shareOf(apart, 0.2)]).toEqual([1 / 4, 0]);
});
