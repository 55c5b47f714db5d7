import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createQueue } from "./queue.ts";
import type { Waiting } from "./queue.ts";

interface Item extends Waiting {
  readonly id: number;
  readonly key: string;
  settled: boolean;
}

const anyItems = fc
  .array(fc.record({ key: fc.constantFrom("a", "b", "c"), rows: fc.integer({ min: 1, max: 9 }), alone: fc.boolean() }), {
    maxLength: 60,
  })
  .map((list) => list.map((item, id): Item => ({ ...item, id, bytes: item.rows * 10, settled: false })));

describe("the queue", () => {
  it("gives every request once, in the order of its group, and keeps the limits", () => {
    fc.assert(
      fc.property(anyItems, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 10, max: 150 }), (items, rows, bytes) => {
        const queue = createQueue<Item>();
        for (const item of items) queue.push(item.key, item);
        const taken: Item[] = [];
        for (let run = queue.take({ rows, bytes }); run.length > 0; run = queue.take({ rows, bytes })) {
          expect(new Set(run.map((item) => item.key)).size).toBe(1);
          if (run.length > 1) {
            expect(run.reduce((sum, item) => sum + item.rows, 0)).toBeLessThanOrEqual(rows);
            expect(run.reduce((sum, item) => sum + item.bytes, 0)).toBeLessThanOrEqual(bytes);
            expect(run.some((item) => item.alone)).toBe(false);
          }
          taken.push(...run);
        }
        for (const key of ["a", "b", "c"]) {
          expect(taken.filter((item) => item.key === key)).toEqual(items.filter((item) => item.key === key));
        }
        expect([queue.requests, queue.rows, queue.bytes]).toEqual([0, 0, 0]);
      }),
    );
  });

  it("passes over requests that were settled while they waited", () => {
    const queue = createQueue<Item>();
    const items = [0, 1, 2].map((id): Item => ({ id, key: "a", rows: 1, bytes: 1, alone: false, settled: false }));
    for (const item of items) queue.push("a", item);
    queue.drop(items[1]!);
    items[1]!.settled = true;
    expect(queue.requests).toBe(2);
    expect(queue.take({ rows: 9, bytes: 9 }).map((item) => item.id)).toEqual([0, 2]);
    expect(queue.requests).toBe(0);
  });

  it("lets groups take turns, so that a flood of one shape does not starve another", () => {
    const queue = createQueue<Item>();
    const push = (key: string, id: number): void => queue.push(key, { id, key, rows: 1, bytes: 1, alone: false, settled: false });
    for (let id = 0; id < 5000; id++) push("flood", id);
    push("other", 5000);
    const runs = [1, 2, 3].map(() => queue.take({ rows: 2, bytes: 99 }).map((item) => item.key));
    expect(runs).toEqual([["flood", "flood"], ["other"], ["flood", "flood"]]);
    let last = 3;
    for (let run = queue.take({ rows: 2, bytes: 99 }); run.length > 0; run = queue.take({ rows: 2, bytes: 99 })) {
      expect(run[0]!.id).toBe(last + 1);
      last += run.length;
    }
    expect(last).toBe(4999);
  });
});
