import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createBoundedMap } from "./bounded-map.ts";
import { createKnown } from "./known.ts";
import { createClients } from "./clients.ts";
import { createScores } from "./scores.ts";

describe("a bounded map", () => {
  it("never grows past its bound, and answers what was set last or nothing", () => {
    const step = fc.tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -5, max: 50 }), fc.boolean());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 20 }), (steps, maxEntries) => {
        const map = createBoundedMap<number>({ maxEntries, worth: (value, nowMs) => value - nowMs });
        const plain = new Map<string, number>();
        for (const [nowMs, [n, value, remove]] of steps.entries()) {
          const key = `k${n}`;
          if (remove) map.delete(key);
          else map.set(key, value + nowMs, nowMs);
          if (remove) plain.delete(key);
          else plain.set(key, value + nowMs);
          expect(map.size).toBeLessThanOrEqual(maxEntries);
          if (!remove) expect(map.get(key)).toBe(value + nowMs);
          for (const [other, kept] of map.entries()) expect(kept).toBe(plain.get(other));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("lets worthless entries go without being asked", () => {
    const map = createBoundedMap<number>({ maxEntries: 1_000_000, worth: (endMs, nowMs) => endMs - nowMs });
    for (let nowMs = 0; nowMs < 100_000; nowMs++) map.set(`k${nowMs}`, nowMs + 100, nowMs);
    expect(map.size).toBeLessThan(250);
  });

  it("pushes out the least worthy it looks at, so what is worth most stays", () => {
    const map = createBoundedMap<number>({ maxEntries: 1000, worth: (value) => value });
    for (let i = 0; i < 100; i++) map.set(`dear ${i}`, 1e9, 0);
    for (let i = 0; i < 100_000; i++) map.set(`cheap ${i}`, 1, 0);
    expect([...map.entries()].filter(([key]) => key.startsWith("dear")).length).toBe(100);
  });
});

describe("scores", () => {
  it("halve with time, never fall below none, and are forgotten", () => {
    const scores = createScores({ halfLifeMs: 1000, maxTargets: 10 });
    expect(scores.add("a", 8, 0)).toBe(8);
    expect(scores.add("a", 0, 1000)).toBe(4);
    expect(scores.add("a", 1, 2000)).toBe(3);
    expect(scores.add("a", -50, 2000)).toBe(0);
    expect(scores.add("b", -1, 0)).toBe(0);
  });
});

describe("known addresses", () => {
  const client = createClients()("2001:db8:1:2::3");

  it("are known for the window, with their site, and are news once an hour", () => {
    const known = createKnown({ windowMs: 86_400_000, maxAddresses: 100 });
    known.remember(client, 0);
    expect(known.takeNews().map(({ key }) => key)).toEqual(["2001:db8:1:2::/64", "2001:db8:1::/48"]);
    known.remember(client, 3_599_000);
    expect(known.takeNews()).toEqual([]);
    known.remember(client, 3_600_000);
    expect(known.takeNews()).toHaveLength(2);
    expect(known.has(client, 3_600_000 + 86_399_000)).toBe(true);
    expect(known.has(client, 3_600_000 + 86_400_000)).toBe(false);
    expect(known.hasSite(client.siteKey!, 3_600_000)).toBe(true);
  });

  it("owe the store what it could not take", () => {
    const known = createKnown({ windowMs: 86_400_000, maxAddresses: 100 });
    known.remember(client, 5);
    const news = known.takeNews();
    known.putBack(news);
    expect(known.takeNews()).toEqual(news);
  });
});
