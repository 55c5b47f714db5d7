/** Decides when waiting requests go to a host, and which of them together. */
import type { Clock } from "../../base/port/index.ts";
import type { Estimate } from "./estimate.ts";
import type { Gather } from "./gather.ts";
import type { Host } from "./host.ts";
import type { Pending } from "./pending.ts";
import type { Pool } from "./pool.ts";
import type { Queue, RunLimits } from "./queue.ts";

export interface DispatchOptions {
  readonly queue: Queue<Pending>;
  readonly pool: Pool;
  readonly estimate: Estimate;
  readonly gather: Gather;
  /** What one run may hold; one row means that nobody shares. */
  readonly limits: () => RunLimits;
  /** Runs requests on a host and settles them; never rejects. */
  readonly run: (host: Host, batch: readonly Pending[]) => Promise<void>;
  readonly clock: Clock;
}

export interface Dispatch {
  /** Starts what can be started, at the end of this turn of the event loop: requests read in the same turn go together. */
  wake(): void;
  /** Starts what can be started, now. */
  start(): void;
  /** Time until the running work is done, milliseconds, summed over the hosts. */
  remainingMs(): number;
  close(): void;
}

/** A run is not made longer than this by joining requests: whoever comes next would wait for all of it. */
const longestSharedRunMs = 50;

export function createDispatch(options: DispatchOptions): Dispatch {
  const { queue, pool, estimate, gather, clock } = options;
  const running = new Set<{ readonly rows: number; readonly startedMs: number }>();
  let woken: NodeJS.Immediate | undefined;
  let gathering: { readonly timer: NodeJS.Timeout; readonly rows: number } | undefined;

  function limits(): RunLimits {
    const { rows, bytes } = options.limits();
    return { rows: Math.max(1, Math.min(rows, estimate.rowsWithin(longestSharedRunMs))), bytes };
  }

  function start(): void {
    while (queue.requests > 0 && pool.idle > 0 && !betterWait() && startOne());
  }

  function startOne(): boolean {
    const batch = queue.take(limits());
    const host = batch.length > 0 ? pool.take() : undefined;
    if (host) void runOn(host, batch);
    return host !== undefined;
  }

  async function runOn(host: Host, batch: readonly Pending[]): Promise<void> {
    const run = { rows: batch.reduce((sum, request) => sum + request.rows, 0), startedMs: clock.monotonic() };
    for (const request of batch) request.running = true;
    running.add(run);
    await options.run(host, batch);
    running.delete(run);
    pool.give(host);
    start();
  }

  function betterWait(): boolean {
    const full = queue.rows >= limits().rows;
    if (gathering && !full) return true;
    if (gathering) endGather();
    const waitMs = full ? 0 : gather.waitMs(estimate.runMs(queue.rows));
    if (waitMs === 0) return false;
    gathering = { timer: setTimeout(flush, waitMs), rows: queue.rows };
    return true;
  }

  function endGather(): void {
    if (!gathering) return;
    clearTimeout(gathering.timer);
    gather.ended(queue.rows - gathering.rows);
    gathering = undefined;
  }

  /** The wait is over: one run goes without asking again. */
  function flush(): void {
    endGather();
    if (queue.requests > 0 && pool.idle > 0) startOne();
    start();
  }

  return {
    start,
    wake() {
      woken ??= setImmediate(() => {
        woken = undefined;
        start();
      });
    },
    remainingMs() {
      const now = clock.monotonic();
      let sum = 0;
      for (const { rows, startedMs } of running) sum += Math.max(0, estimate.runMs(rows) - (now - startedMs));
      return sum;
    },
    close() {
      if (woken) clearImmediate(woken);
      endGather();
    },
  };
}
