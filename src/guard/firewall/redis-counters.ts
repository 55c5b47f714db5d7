/**
 * Counters that several replicas share through Redis or Valkey, without the hot path ever waiting for it.
 *
 * A replica answers from its own buckets at once and runs ahead of the shared count by what it took since its last flush. Every
 * `flushMs` one script, in one round trip, adds what was taken to the shared buckets and answers how far each of them is from
 * full; the replica's own buckets are raised to that. What was taken is always added, into debt if need be, so running ahead is
 * paid back: every replica then waits until the shared bucket conforms again.
 *
 * Bound: with R replicas, any window of t seconds sees at most R·burst + perSecond·t units, and the long-run rate is exactly
 * `perSecond`. When Redis does not answer, each replica goes on with its own buckets (R·burst + R·perSecond·t), or refuses
 * (`onFailure: "refuse"`). What was in flight when it failed is dropped, never counted twice.
 *
 * Time is the server's (`TIME`), so replicas need not agree about it.
 */
import { createHash } from "node:crypto";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { Counters, Debit, LocalCounters, Taken } from "./counters.ts";
import type { Rate } from "./gcra.ts";

/** The two commands that are used of `ioredis`. */
interface RedisClient {
  evalsha(sha: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
  eval(script: string, keyCount: number, ...keysAndArguments: string[]): Promise<unknown>;
}

export interface RedisCountersOptions {
  readonly client: RedisClient;
  readonly local: LocalCounters;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  /** Milliseconds between flushes: the longest a replica runs ahead of the others. */
  readonly flushMs: number;
  /** After this long without an answer Redis counts as failed. */
  readonly failedAfterMs: number;
  readonly onFailure: "local" | "refuse";
  /** Before each key. The braces make Redis Cluster keep all keys in one slot, which a script needs. */
  readonly prefix?: string;
}

/** Keys in one script call: it blocks the server while it runs. */
const keysPerCall = 500;

/**
 * GCRA as in `gcra.ts`, in microseconds; doubles are exact to an eighth of one until the year 2100. Always advances. Answers each
 * key's distance from full. Keys leave by themselves when full.
 */
const script = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local ahead = {}
for i, key in ipairs(KEYS) do
  local tat = math.max(tonumber(redis.call('GET', key) or 0), now) + tonumber(ARGV[i])
  redis.call('SET', key, string.format('%.3f', tat), 'PX', math.ceil((tat - now) / 1000) + 1)
  ahead[i] = string.format('%.3f', tat - now)
end
return ahead`;
const scriptSha = createHash("sha1").update(script).digest("hex");

interface Due {
  rate: Rate;
  amount: number;
}

export interface RedisCounters extends Counters {
  /** Sends what is due now. */
  flush(): Promise<void>;
}

export function createRedisCounters(options: RedisCountersOptions): RedisCounters {
  const { client, local, clock, log, meter, prefix = "{modelkeep}:" } = options;
  let due = new Map<string, Due>();
  let flushing: Promise<void> | undefined;
  let failingSinceMs: number | undefined;

  function note(debits: readonly Debit[]): void {
    for (const { key, rate, amount } of debits) {
      const entry = due.get(key);
      if (entry) entry.amount += amount;
      else due.set(key, { rate, amount });
    }
  }

  function refused(debits: readonly Debit[]): Taken | undefined {
    if (options.onFailure === "local" || failingSinceMs === undefined || debits.length === 0) return undefined;
    if (clock.monotonic() - failingSinceMs < options.failedAfterMs) return undefined;
    return { ok: false, debit: debits[0]!, waitMs: 1000, uncounted: true };
  }

  async function send(batch: readonly [string, Due][]): Promise<void> {
    const keys = batch.map(([key]) => prefix + key);
    const micros = batch.map(([, { rate, amount }]) => String((amount * 1e6) / rate.perSecond));
    const ahead = await runScript(client, keys, micros);
    for (const [i, [key, { rate }]] of batch.entries()) {
      const sinceMs = ((due.get(key)?.amount ?? 0) * 1000) / rate.perSecond; // taken while the script was under way
      local.raise(key, ahead[i]! / 1000 + sinceMs);
    }
  }

  async function flushAll(): Promise<void> {
    const batch = [...due];
    due = new Map();
    try {
      // With nothing due the empty call asks whether a failed server is back.
      for (let at = 0; at === 0 || at < batch.length; at += keysPerCall) await send(batch.slice(at, at + keysPerCall));
      if (failingSinceMs !== undefined) log.info("the shared counters answer again");
      failingSinceMs = undefined;
    } catch (error) {
      meter.count("modelkeep_firewall_shared_counter_failures_total");
      if (failingSinceMs === undefined) log.warn("the shared counters do not answer", { error, onFailure: options.onFailure });
      failingSinceMs ??= clock.monotonic();
    }
  }

  const flush = () => (flushing ??= flushAll().finally(() => (flushing = undefined)));
  const timer = setInterval(() => {
    if (due.size > 0 || failingSinceMs !== undefined) void flush();
  }, options.flushMs);
  timer.unref();

  return {
    get size() {
      return local.size;
    },
    take(debits) {
      const verdict = refused(debits) ?? local.take(debits);
      if (verdict.ok) note(debits);
      return verdict;
    },
    peek: (debits) => refused(debits) ?? local.peek(debits),
    force(debits) {
      local.force(debits);
      note(debits);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flushing;
      await flush();
    },
  };
}

async function runScript(client: RedisClient, keys: readonly string[], values: readonly string[]): Promise<number[]> {
  const call = [...keys, ...values];
  const answer = await client.evalsha(scriptSha, keys.length, ...call).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return client.eval(script, keys.length, ...call);
    throw error;
  });
  return (answer as string[]).map(Number);
}
