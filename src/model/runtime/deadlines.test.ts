import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createManualClock } from "../../base/port/index.ts";
import { createDeadlines } from "./deadlines.ts";

describe("deadlines", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setup() {
    const clock = createManualClock();
    const expired: number[] = [];
    const deadlines = createDeadlines<{ deadlineMs: number }>(clock, (item) => expired.push(item.deadlineMs));
    const pass = (ms: number): void => {
      for (let i = 0; i < ms; i++) {
        clock.advance(1);
        vi.advanceTimersByTime(1);
      }
    };
    return { deadlines, expired, pass };
  }

  it("end what is overdue within five milliseconds, each once, with one timer for all", () => {
    const { deadlines, expired, pass } = setup();
    for (const deadlineMs of [300, 20, 100, Number.POSITIVE_INFINITY]) deadlines.add({ deadlineMs });
    expect(vi.getTimerCount()).toBe(1);
    pass(25);
    expect(expired).toEqual([20]);
    pass(80);
    expect(expired).toEqual([20, 100]);
    pass(1000);
    expect(expired).toEqual([20, 100, 300]);
    expect(deadlines.size).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("forget what was answered in time", () => {
    const { deadlines, expired, pass } = setup();
    const item = { deadlineMs: 50 };
    deadlines.add(item);
    deadlines.remove(item);
    pass(100);
    expect(expired).toEqual([]);
  });

  it("set no timer for what has no deadline", () => {
    const { deadlines } = setup();
    deadlines.add({ deadlineMs: Number.POSITIVE_INFINITY });
    expect(vi.getTimerCount()).toBe(0);
  });
});
