import { describe, expect, it } from "vitest";
import { createGather } from "./gather.ts";

/** One row every `gapMs` milliseconds. */
function arriving(maxDelayMs: number, gapMs: number): ReturnType<typeof createGather> {
  const gather = createGather(maxDelayMs);
  for (let i = 0; i < 200; i++) gather.arrived(1, i * gapMs);
  return gather;
}

describe("gathering rows for a run", () => {
  it("never waits when requests are few", () => {
    expect(createGather(5).waitMs(100)).toBe(0);
    expect(arriving(5, 50).waitMs(100)).toBe(0);
  });

  it("waits under load, at most half a run and at most the limit", () => {
    expect(arriving(5, 0.1).waitMs(4)).toBe(2);
    expect(arriving(5, 0.1).waitMs(100)).toBe(5);
    expect(arriving(0, 0.1).waitMs(100)).toBe(0);
  });

  it("does not wait for runs so short that a timer would be longer", () => {
    expect(arriving(5, 0.01).waitMs(0.5)).toBe(0);
  });

  it("leaves off, longer each time, when waiting brought nobody", () => {
    const gather = arriving(5, 0.1);
    const pauses = [1, 2, 3].map(() => {
      gather.ended(0);
      let skipped = 0;
      while (gather.waitMs(10) === 0) skipped++;
      return skipped;
    });
    expect(pauses).toEqual([1, 2, 4]);
    gather.ended(3);
    expect(gather.waitMs(10)).toBe(5);
  });
});
