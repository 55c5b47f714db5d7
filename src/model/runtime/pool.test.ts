import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ModelkeepError } from "../../base/error/index.ts";
import { silentLogger } from "../../base/log/index.ts";
import type { Host } from "./host.ts";
import { createPool, unhealthyAfter } from "./pool.ts";
import type { Pool } from "./pool.ts";

/** A host that runs nothing and dies when told: hosts are a port, and only their life and death matter here. */
function mortal(): Host & { die(): void } {
  let dead = false;
  let tell!: (error: ModelkeepError) => void;
  const lost = new Promise<ModelkeepError>((resolve) => (tell = resolve));
  return {
    lost,
    hello: Promise.resolve(""),
    takesMemory: false,
    get isLost() {
      return dead;
    },
    open: () => Promise.reject(new Error("not asked here")),
    run: () => Promise.reject(new Error("not asked here")),
    write: () => Promise.reject(new Error("not asked here")),
    read: () => Promise.reject(new Error("not asked here")),
    memoryBytes: () => 1000,
    peakBytes: () => 1000,
    close: () => Promise.resolve(),
    kill: () => Promise.resolve(),
    die() {
      dead = true;
      tell(new ModelkeepError("runtime/worker-lost", { message: "died", status: 503 }));
    },
  };
}

describe("the hosts of a model", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setup(open: () => Promise<Host>): { pool: Pool; first: ReturnType<typeof mortal>; events: string[] } {
    const first = mortal();
    const events: string[] = [];
    const pool = createPool({
      hosts: [first],
      open,
      name: "m",
      log: silentLogger,
      onIdle: () => events.push("idle"),
      onUnhealthy: () => events.push("unhealthy"),
    });
    return { pool, first, events };
  }

  it("are replaced when they die, at once the first time", async () => {
    const second = mortal();
    const { pool, first, events } = setup(() => Promise.resolve(second));
    expect(pool.take()).toBe(first);
    expect(pool.take()).toBeUndefined();
    first.die();
    await vi.advanceTimersByTimeAsync(1);
    expect([pool.live, pool.idle, pool.losses, events]).toEqual([1, 1, 1, ["idle"]]);
    expect(pool.take()).toBe(second);
  });

  it("do not come back from the dead when their last run is given back", async () => {
    const { pool, first } = setup(() => new Promise(() => {}));
    const host = pool.take()!;
    first.die();
    pool.give(host);
    await vi.advanceTimersByTimeAsync(1);
    pool.give(host);
    expect([pool.live, pool.idle]).toEqual([0, 0]);
  });

  it("are tried less and less often, and count as unhealthy, while none comes up", async () => {
    const tried: number[] = [];
    const started = Date.now();
    const { pool, first, events } = setup(() => {
      tried.push(Date.now() - started);
      return Promise.reject(new ModelkeepError("runtime/load-limit", { message: "no memory" }));
    });
    first.die();
    await vi.advanceTimersByTimeAsync(100_000);
    const waits = tried.map((at, i) => at - (tried[i - 1] ?? 0));
    expect(waits.slice(0, 6)).toEqual([0, 100, 200, 400, 800, 1600]);
    expect(Math.max(...waits)).toBe(30_000);
    expect([pool.healthy, events]).toEqual([false, ["unhealthy"]]);
    expect(pool.losses).toBeGreaterThan(unhealthyAfter);
  });

  it("are healthy again after one run", async () => {
    const hosts: ReturnType<typeof mortal>[] = [];
    const { pool, first } = setup(() => {
      hosts.push(mortal());
      return Promise.resolve(hosts.at(-1)!);
    });
    first.die();
    for (let i = 1; i < unhealthyAfter; i++) {
      await vi.advanceTimersByTimeAsync(30_000);
      hosts.at(-1)!.die();
    }
    await vi.advanceTimersByTimeAsync(30_000);
    expect(pool.healthy).toBe(false);
    pool.give(pool.take()!);
    expect(pool.healthy).toBe(true);
  });

  it("leave no timer behind when they are closed", async () => {
    const { pool, first } = setup(() => Promise.reject(new Error("no")));
    first.die();
    await vi.advanceTimersByTimeAsync(1000);
    await pool.close(10);
    expect(vi.getTimerCount()).toBe(0);
  });
});
