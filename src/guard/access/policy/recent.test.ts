import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Recent } from "./recent.ts";

describe("the bounded map", () => {
  it("never holds more than its size, never gives a wrong value, and always the half that was used last", () => {
    const use = fc.record({ key: fc.nat(30).map(String), write: fc.boolean() });
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), fc.array(use, { maxLength: 200 }), (size, uses) => {
        const recent = new Recent<number>(size);
        const last = new Map<string, number>();
        const order: string[] = []; // the keys that are certainly held, least recently used first
        for (const [step, { key, write }] of uses.entries()) {
          const got = recent.get(key);
          if (got !== undefined) expect(got).toBe(last.get(key));
          if (order.slice(-Math.floor(size / 2)).includes(key)) expect(got).toBeDefined();
          if (write) {
            recent.set(key, step);
            last.set(key, step);
          }
          if (write || got !== undefined) {
            if (order.includes(key)) order.splice(order.indexOf(key), 1);
            order.push(key);
          }
          expect(recent.size).toBeLessThanOrEqual(size);
        }
      }),
    );
  });

  it("of size 0 keeps nothing", () => {
    const recent = new Recent<number>(0);
    recent.set("a", 1);
    expect(recent.get("a")).toBeUndefined();
  });
});
