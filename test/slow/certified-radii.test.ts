import { expect, it } from "vitest";
import { besiegeBounds, besiegeSmoothing } from "../helpers/attack-certified.ts";
import { normals, smallNet } from "../helpers/train-sets.ts";

// 10⁵ attacks in all; `npm test` makes a few hundred of them.
it.each(["interval", "zonotope"] as const)("40,000 attacks find nothing inside what %s bounds prove", async (method) => {
  const epsilons = [0.002, 0.01, 0.03, 0.1, 0.2];
  const siege = await besiegeBounds({
    model: smallNet(),
    method,
    epsilons,
    x: normals(400, 5, 1.2),
    low: -9,
    high: 9,
    attacks: 40_000,
  });
  expect(siege.certified).toBeGreaterThan(100);
  expect(siege.attacks).toBeGreaterThanOrEqual(40_000);
  expect(siege.violations).toBe(0);
});

it("20,000 attacks find nothing inside the radii of smoothing", async () => {
  const siege = await besiegeSmoothing({
    model: smallNet(),
    sigma: 0.4,
    n: 20_000,
    x: normals(200, 6, 1.2),
    attacks: 20_000,
    draws: 1000,
  });
  expect(siege.certified).toBeGreaterThan(40);
  expect(siege.attacks).toBeGreaterThanOrEqual(20_000);
  expect(siege.violations).toBe(0);
});
