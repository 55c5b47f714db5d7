import { describe, expect, it } from "vitest";
import { createEstimate } from "./estimate.ts";

describe("the estimate of a run's time", () => {
  it("knows nothing before the first run", () => {
    expect(createEstimate().runMs(10)).toBe(0);
    expect(createEstimate().rowsWithin(50)).toBe(Number.POSITIVE_INFINITY);
  });

  it("takes time as proportional while all runs had one size", () => {
    const estimate = createEstimate();
    for (let i = 0; i < 50; i++) estimate.observe(4, 8);
    expect(estimate.runMs(4)).toBeCloseTo(8);
    expect(estimate.runMs(40)).toBeCloseTo(80);
  });

  it("tells the fixed part from the part per row once sizes differ", () => {
    const estimate = createEstimate();
    for (let i = 0; i < 300; i++) estimate.observe(1 + (i % 16), 3 + 0.5 * (1 + (i % 16)));
    expect(estimate.runMs(1)).toBeCloseTo(3.5, 1);
    expect(estimate.runMs(100)).toBeCloseTo(53, 0);
    expect(estimate.rowsWithin(53)).toBeCloseTo(100, 0);
  });

  it("never expects a larger run to be shorter, whatever the noise said", () => {
    const estimate = createEstimate();
    for (let i = 0; i < 100; i++) estimate.observe(1 + (i % 8), 20 - (i % 8));
    expect(estimate.runMs(64)).toBeGreaterThanOrEqual(estimate.runMs(1));
  });

  it("follows a machine that became slower", () => {
    const estimate = createEstimate();
    for (let i = 0; i < 100; i++) estimate.observe(1, 1);
    for (let i = 0; i < 40; i++) estimate.observe(1, 10);
    expect(estimate.runMs(1)).toBeGreaterThan(9);
  });
});
