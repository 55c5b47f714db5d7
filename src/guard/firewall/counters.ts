/** Where buckets live. In-process by default; several replicas share them through Redis (`redis-counters.ts`). */
import type { Clock } from "../../base/port/index.ts";
import { createBoundedMap } from "./bounded-map.ts";
import { gcraAdvance, gcraWaitMs, type Rate } from "./gcra.ts";

/** A cost against one bucket. */
export interface Debit {
  /** Names the bucket. */
  readonly key: string;
  readonly rate: Rate;
  readonly amount: number;
}

export type Taken =
  | { readonly ok: true }
  /** `debit` is the one that has to wait longest, `waitMs` exactly how long; Infinity when the cost is larger than the bucket. `uncounted` when it is no limit but the counters that fail. */
  | { readonly ok: false; readonly debit: Debit; readonly waitMs: number; readonly uncounted?: true };

/** A cost that did not fit. */
export type Short = Extract<Taken, { ok: false }>;

/** Answers at once, always: the hot path does not wait for another machine. */
export interface Counters {
  /** Takes every debit, or none. */
  take(debits: readonly Debit[]): Taken;
  /** What `take` would say, taking nothing. */
  peek(debits: readonly Debit[]): Taken;
  /** Takes every debit, into debt where a bucket is empty: a charge for what has already happened. */
  force(debits: readonly Debit[]): void;
  /** Buckets kept. */
  readonly size: number;
  close(): Promise<void>;
}

/** In-process counters, which a shared implementation also raises to what other replicas took. */
export interface LocalCounters extends Counters {
  /** Makes a bucket at least `aheadMs` from full. */
  raise(key: string, aheadMs: number): void;
}

const taken: Taken = { ok: true };

/**
 * INVARIANT: a bucket that is not kept is full, so forgetting a full one changes nothing. When `maxBuckets` others are all short
 * of full, the one nearest to it (of a sample) is forgotten, which gives its owner back at most what it lacked.
 *
 * @param options `maxBuckets`: about 120 bytes each; 131,072 unless said otherwise
 */
export function createLocalCounters({ clock, maxBuckets = 131_072 }: { clock: Clock; maxBuckets?: number }): LocalCounters {
  const tats = createBoundedMap<number>({ maxEntries: maxBuckets, worth: (tatMs, nowMs) => tatMs - nowMs });

  function check(debits: readonly Debit[], nowMs: number): Taken {
    let worst: Debit | undefined;
    let worstMs = 0;
    for (const debit of debits) {
      const waitMs = gcraWaitMs(tats.get(debit.key) ?? 0, nowMs, debit.rate, debit.amount);
      if (waitMs <= worstMs) continue;
      worst = debit;
      worstMs = waitMs;
    }
    return worst ? { ok: false, debit: worst, waitMs: worstMs } : taken;
  }

  function advance(debits: readonly Debit[], nowMs: number): void {
    for (const { key, rate, amount } of debits) {
      if (amount > 0) tats.set(key, gcraAdvance(tats.get(key) ?? 0, nowMs, rate, amount), nowMs);
    }
  }

  return {
    get size() {
      return tats.size;
    },
    take(debits) {
      const nowMs = clock.monotonic();
      const verdict = check(debits, nowMs);
      if (verdict.ok) advance(debits, nowMs);
      return verdict;
    },
    peek: (debits) => check(debits, clock.monotonic()),
    force: (debits) => advance(debits, clock.monotonic()),
    raise(key, aheadMs) {
      const nowMs = clock.monotonic();
      if (aheadMs > 0 && nowMs + aheadMs > (tats.get(key) ?? 0)) tats.set(key, nowMs + aheadMs, nowMs);
    },
    close: () => Promise.resolve(),
  };
}
