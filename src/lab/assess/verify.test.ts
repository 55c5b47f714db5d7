import { expect, it } from "vitest";
import type { AttackTarget } from "../attack/index.ts";
import { createStandings, remember } from "./standings.ts";
import { roomOf } from "./trials.ts";
import { verify } from "./verify.ts";

/** Right up to 1.001, wrong beyond. */
const scores: AttackTarget["scores"] = async ({ x }) =>
  Float32Array.from([...x].flatMap((value) => [1.001 - value, value - 1.001]));
const target: AttackTarget = {
  name: "a step",
  knowledge: "scores",
  classes: 2,
  rowDims: [1],
  rowSize: 1,
  notes: [],
  scores,
  decide: async ({ x }) => Int32Array.from(x, (value) => Number(value > 1.001)),
  close: async () => {},
};

it("pushes a wrong answer at the edge out until the model itself gives it, within its radius, and takes the others back", async () => {
  const x = Float32Array.of(0, 0, 0);
  const standings = createStandings({ norm: "linf", epsilons: [1, 1.1] }, x, Uint8Array.of(1, 1, 1));
  // Found by gradients: a hair too near, as near as its radius lets it be, and one that holds.
  standings.nearest.set([1.0005, 1, 1.05]);
  standings.distance.set([1.0005, 1, 1.05]);
  standings.fallen[0]!.set([0, 1, 0]);
  standings.fallen[1]!.set([1, 1, 1]);
  const room = roomOf("linf", { low: 0, high: 2 }, 1);
  const found = await verify(standings, { target, room, x, labels: Int32Array.of(0, 0, 0), draws: 1 });
  expect(found).toEqual({ norm: "linf", checked: 3, outside: 0, unconfirmed: 1 });
  expect([...standings.fallen[0]!]).toEqual([0, 0, 0]);
  expect([...standings.fallen[1]!]).toEqual([1, 0, 1]);
  expect(standings.nearest[0]).toBeCloseTo(1.0035, 4);
  expect([...standings.distance]).toEqual([expect.closeTo(1.0035, 4), Infinity, expect.closeTo(1.05, 6)]);
});

it("counts the first of equal scores as the answer, as whoever serves the model does", async () => {
  const tie: AttackTarget = { ...target, scores: async ({ count }) => new Float32Array(2 * count) };
  const x = Float32Array.of(0, 0);
  const standings = createStandings({ norm: "linf", epsilons: [1] }, x, Uint8Array.of(1, 1));
  standings.nearest.fill(1);
  standings.distance.fill(1);
  standings.fallen[0]!.fill(1);
  const room = roomOf("linf", { low: 0, high: 2 }, 1);
  const { unconfirmed } = await verify(standings, { target: tie, room, x, labels: Int32Array.of(0, 1), draws: 1 });
  expect(unconfirmed).toBe(1);
  expect([...standings.fallen[0]!]).toEqual([0, 1]);
});

it("keeps the wrong answer that holds when a nearer one of another attack does not", async () => {
  const x = Float32Array.of(0, 0);
  const standings = createStandings({ norm: "linf", epsilons: [1, 1.1] }, x, Uint8Array.of(1, 1));
  standings.nearest.set([1.05, 0]);
  standings.distance.set([1.05, Infinity]);
  standings.fallen[1]!.set([1, 0]);
  standings.brokenBy[1]![0] = "the first";
  const before = remember(standings);
  standings.nearest.set([0.9, 0.9]);
  standings.distance.set([0.9, 0.9]);
  standings.fallen[0]!.set([1, 1]);
  standings.fallen[1]!.set([1, 1]);
  expect([[...before.fell()], [...before.nearer()]]).toEqual([
    [0, 1],
    [0, 1],
  ]);
  const room = roomOf("linf", { low: 0, high: 2 }, 1);
  await verify(standings, { target, room, x, labels: Int32Array.of(0, 0), draws: 1, examples: before.nearer() });
  before.restore();
  expect(standings.fallen.map((fallen) => [...fallen])).toEqual([
    [0, 0],
    [1, 0],
  ]);
  expect(standings.brokenBy[1]![0]).toBe("the first");
  expect([...standings.distance]).toEqual([1.05, Infinity]);
  expect(standings.nearest[0]).toBeCloseTo(1.05, 6);
});
