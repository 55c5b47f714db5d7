import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createManualClock } from "../../base/port/index.ts";
import { createLocalCounters, type Debit } from "./counters.ts";
import { gcraAdvance, gcraWaitMs } from "./gcra.ts";

const rate = fc.record({ perSecond: fc.double({ min: 0.01, max: 1e6, noNaN: true }), burst: fc.integer({ min: 1, max: 1000 }) });

describe("GCRA", () => {
  it("never lets more than burst + rate × t through, in any window of any sequence", () => {
    const arrivals = fc.array(fc.tuple(fc.double({ min: 0, max: 2000, noNaN: true }), fc.integer({ min: 1, max: 50 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(rate, arrivals, (rate, arrivals) => {
        let tatMs = 0;
        let nowMs = 0;
        const passed: { atMs: number; amount: number }[] = [];
        for (const [afterMs, amount] of arrivals) {
          nowMs += afterMs;
          if (gcraWaitMs(tatMs, nowMs, rate, amount) > 0) continue;
          tatMs = gcraAdvance(tatMs, nowMs, rate, amount);
          passed.push({ atMs: nowMs, amount });
        }
        for (let from = 0; from < passed.length; from++) {
          let sum = 0;
          for (let to = from; to < passed.length; to++) {
            sum += passed[to]!.amount;
            const seconds = (passed[to]!.atMs - passed[from]!.atMs) / 1000;
            expect(sum).toBeLessThanOrEqual(rate.burst + rate.perSecond * seconds + 1e-6 * (rate.perSecond + sum));
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("passes exactly when it said it would, and not before", () => {
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        (rate, amount, debtMs) => {
          const waitMs = gcraWaitMs(debtMs, 0, rate, amount);
          fc.pre(waitMs > 2 && waitMs < Infinity);
          expect(gcraWaitMs(debtMs, waitMs, rate, amount)).toBe(0);
          expect(gcraWaitMs(debtMs, waitMs * 0.999, rate, amount)).toBeGreaterThan(0);
        },
      ),
    );
  });

  it("lets a full bucket's worth through at once, no more, and then one for each interval", () => {
    const ten = { perSecond: 10, burst: 5 };
    const tatMs = gcraAdvance(0, 0, ten, 5);
    expect(gcraWaitMs(0, 0, ten, 5)).toBe(0);
    expect(gcraWaitMs(0, 0, ten, 6)).toBe(Infinity);
    expect(gcraWaitMs(tatMs, 0, ten, 1)).toBe(100);
    expect(gcraWaitMs(tatMs, 100, ten, 1)).toBe(0);
    expect(gcraWaitMs(tatMs, 100, ten, 2)).toBe(100);
  });

  it("serves a client that keeps to the rate for ever", () => {
    const rate = { perSecond: 3, burst: 1 };
    let tatMs = 0;
    for (let i = 0; i < 100_000; i++) {
      const nowMs = (i * 1000) / 3;
      expect(gcraWaitMs(tatMs, nowMs, rate, 1)).toBe(0);
      tatMs = gcraAdvance(tatMs, nowMs, rate, 1);
    }
  });
});

describe("counters", () => {
  const one = (key: string, amount = 1): Debit => ({ key, rate: { perSecond: 1, burst: 10 }, amount });

  it("take from every bucket or from none", () => {
    const counters = createLocalCounters({ clock: createManualClock() });
    expect(counters.take([one("a", 8)]).ok).toBe(true);
    for (let i = 0; i < 5; i++)
      expect(counters.take([one("b", 5), one("a", 5)])).toMatchObject({ ok: false, debit: { key: "a" }, waitMs: 3000 });
    expect(counters.take([one("b", 10)]).ok).toBe(true);
  });

  it("agree with a plain model of all-or-nothing buckets over any sequence", () => {
    const step = fc.record({
      afterMs: fc.nat(3000),
      debits: fc.uniqueArray(fc.record({ key: fc.constantFrom("a", "b", "c"), amount: fc.integer({ min: 1, max: 12 }) }), {
        selector: ({ key }) => key,
      }),
      force: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const clock = createManualClock();
        const counters = createLocalCounters({ clock });
        const level = new Map([
          ["a", 10],
          ["b", 10],
          ["c", 10],
        ]); // units left; negative is debt
        for (const { afterMs, debits, force } of steps) {
          clock.advance(afterMs);
          for (const [key, left] of level) level.set(key, Math.min(10, left + afterMs / 1000));
          const fits = debits.every(({ key, amount }) => level.get(key)! - amount > -1e-6);
          if (force) counters.force(debits.map(({ key, amount }) => one(key, amount)));
          else expect(counters.take(debits.map(({ key, amount }) => one(key, amount))).ok).toBe(fits);
          if (force || fits) for (const { key, amount } of debits) level.set(key, level.get(key)! - amount);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("go into debt for what has already happened, and wait until it is paid", () => {
    const clock = createManualClock();
    const counters = createLocalCounters({ clock });
    counters.force([one("a", 60)]);
    expect(counters.peek([one("a")])).toMatchObject({ ok: false, waitMs: 51_000 });
    clock.advance(51_000);
    expect(counters.take([one("a")]).ok).toBe(true);
  });

  it("forget full buckets, so that a spray of a million addresses leaves a handful", () => {
    const clock = createManualClock();
    const counters = createLocalCounters({ clock });
    let most = 0;
    for (let i = 0; i < 1_000_000; i++) {
      clock.advance(0.01); // a hundred thousand new addresses a second
      counters.take([{ key: `stranger ${i}`, rate: { perSecond: 50, burst: 100 }, amount: 1 }]);
      most = Math.max(most, counters.size);
    }
    // 20 ms to be full again: 2000 are alive at a time.
    expect(most).toBeLessThan(4000);
  });

  it("keep to their bound under a spray they cannot forget, and keep who is deepest in debt", () => {
    const counters = createLocalCounters({ clock: createManualClock(), maxBuckets: 10_000 });
    counters.force([one("abuser", 1000)]);
    for (let i = 0; i < 1_000_000; i++) counters.take([one(`spray ${i}`)]);
    expect(counters.size).toBeLessThanOrEqual(10_000);
    expect(counters.take([one("abuser")]).ok).toBe(false);
  });
});
