import { setTimeout as sleep } from "node:timers/promises";
import * as fc from "fast-check";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLogger, silentMeter } from "../../src/base/log/index.ts";
import { systemClock } from "../../src/base/port/index.ts";
import { firewallConfig, openSharedCounters, type Debit } from "../../src/guard/firewall/index.ts";
import { createLocalCounters } from "../../src/guard/firewall/counters.ts";
import type { RedisCounters } from "../../src/guard/firewall/redis-counters.ts";
import { startRedis, type RedisServer } from "../helpers/redis.ts";

let redis: RedisServer;
let names = 0;
const opened: RedisCounters[] = [];
beforeAll(async () => void (redis = await startRedis()));
afterEach(async () => {
  for (const counters of opened.splice(0)) await counters.close();
});
afterAll(() => redis.stop());

async function replica(shared: object = {}): Promise<RedisCounters> {
  const config = firewallConfig.parse({ shared: { url: "env:UNUSED", flushMs: 60_000, ...shared } }).shared!;
  const counters = await openSharedCounters({
    url: redis.url,
    config,
    clock: systemClock,
    log: silentLogger,
    meter: silentMeter,
  });
  opened.push(counters);
  return counters;
}

function debit(key: string, amount: number, perSecond = 0.001, burst = 10): Debit {
  return { key, amount, rate: { perSecond, burst } };
}

describe("counters shared through Redis", () => {
  it("answer as counters in memory do, over any sequence and two replicas that take turns", async () => {
    const [a, b] = [await replica(), await replica()];
    const step = fc.record({
      debits: fc.uniqueArray(fc.record({ key: fc.constantFrom("x", "y", "z"), amount: fc.integer({ min: 1, max: 6 }) }), {
        minLength: 1,
        selector: ({ key }) => key,
      }),
      force: fc.boolean(),
      first: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const run = names++;
        const memory = createLocalCounters({ clock: systemClock });
        for (const { debits, force, first } of steps) {
          const wanted = debits.map(({ key, amount }) => debit(`${run} ${key}`, amount));
          const shared = first ? a : b;
          if (force) {
            shared.force(wanted);
            memory.force(wanted);
          } else {
            // A replica learns what others took from a bucket when it draws on it; nothing is drawn to learn it here.
            shared.force(wanted.map((one) => ({ ...one, amount: 0 })));
            await shared.flush();
            expect(shared.take(wanted).ok).toBe(memory.take(wanted).ok);
          }
          await shared.flush();
        }
      }),
      { numRuns: 150 },
    );
  });

  it("give back with the server's time what was taken, exactly at the rate", async () => {
    const counters = await replica();
    const key = `rate ${names++}`;
    counters.force([debit(key, 20, 10, 10)]);
    await counters.flush();
    const other = await replica();
    other.force([debit(key, 0, 10, 10)]);
    await other.flush();
    const verdict = other.peek([debit(key, 10, 10, 10)]);
    expect(verdict).toMatchObject({ ok: false });
    if (verdict.ok) return;
    expect(verdict.waitMs).toBeGreaterThan(100);
    expect(verdict.waitMs).toBeLessThanOrEqual(2005);
    await sleep(verdict.waitMs + 1);
    expect(other.take([debit(key, 10, 10, 10)]).ok).toBe(true);
  });

  it("never let three replicas that are hammered at once exceed three bursts and the rate, and repay what they ran ahead", async () => {
    const replicas = [await replica({ flushMs: 5 }), await replica({ flushMs: 5 }), await replica({ flushMs: 5 })];
    const key = `hammer ${names++}`;
    const rate = { perSecond: 200, burst: 50 };
    const start = performance.now();
    let passed = 0;
    while (performance.now() - start < 1500) {
      for (const counters of replicas) for (let i = 0; i < 20; i++) if (counters.take([{ key, amount: 1, rate }]).ok) passed++;
      await sleep(1);
    }
    const seconds = (performance.now() - start) / 1000;
    // Had each replica counted for itself, it would have been three times the rate, too.
    expect(passed).toBeLessThanOrEqual(3 * rate.burst + rate.perSecond * seconds);
    expect(passed).toBeGreaterThan(rate.burst);
  });

  it("leave nothing behind on the server once full again", async () => {
    const counters = await replica();
    counters.take([debit(`gone ${names++}`, 1, 100, 10)]);
    await counters.flush();
    await sleep(60);
    const { Redis } = await import("ioredis");
    const client = new Redis(redis.url);
    expect(await client.keys("*gone*")).toEqual([]);
    await client.quit();
  });

  it("survive a server that lost its scripts", async () => {
    const { Redis } = await import("ioredis");
    const client = new Redis(redis.url);
    const counters = await replica();
    counters.take([debit("s", 1)]);
    await counters.flush();
    await client.script("FLUSH");
    counters.take([debit("s", 9)]);
    await counters.flush();
    const other = await replica();
    other.force([debit("s", 0)]);
    await other.flush();
    expect(other.take([debit("s", 1)]).ok).toBe(false);
    await client.quit();
  });

  it("go on alone, or refuse, while the server hangs, never waiting for it, and come back", async () => {
    const [local, strict] = [
      await replica({ flushMs: 10 }),
      await replica({ flushMs: 10, onFailure: "refuse", failedAfterMs: 0 }),
    ];
    redis.hang();
    try {
      // `take` gives its verdict at once, not a promise: there is nothing to wait for.
      for (let i = 0; i < 10; i++) expect(local.take([debit("hang", 1)]).ok).toBe(true);
      expect(local.take([debit("hang", 1)]).ok).toBe(false);
      strict.take([debit("hang strict", 1)]);
      await expect.poll(() => strict.peek([debit("fresh", 1)]), { timeout: 60_000 }).toMatchObject({ ok: false, waitMs: 1000 });
      expect(local.peek([debit("fresh", 1)]).ok).toBe(true);
    } finally {
      redis.resume();
    }
    await expect.poll(() => strict.peek([debit("fresh", 1)]).ok, { timeout: 60_000 }).toBe(true);
  });

  it("never grow laxer than one replica alone when the server forgets everything, and share again afterwards", async () => {
    const [a, b] = [await replica({ flushMs: 10 }), await replica({ flushMs: 10 })];
    a.force([debit("lost", 10)]);
    await a.flush();
    await redis.restart();
    expect(a.take([debit("lost", 1)]).ok).toBe(false);
    const isShared = async () => {
      b.force([debit("anew", 0)]);
      await b.flush();
      return b.peek([debit("anew", 1)]).ok;
    };
    await expect
      .poll(async () => (a.force([debit("anew", 10)]), await a.flush(), await isShared()), { timeout: 60_000 })
      .toBe(false);
  });

  it("refuse to start without a server, naming no password", async () => {
    const config = firewallConfig.parse({ shared: { url: "env:UNUSED" } }).shared!;
    const opening = openSharedCounters({
      url: "redis://:hunter2@127.0.0.1:1",
      config,
      clock: systemClock,
      log: silentLogger,
      meter: silentMeter,
    });
    await expect(opening).rejects.toMatchObject({ code: "firewall/counters-unreachable" });
    await expect(opening).rejects.not.toThrow("hunter2");
  });
});
