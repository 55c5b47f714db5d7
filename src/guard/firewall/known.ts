/**
 * Addresses where a valid credential came from lately. They are what keeps a ban from falling on the many for the one:
 * where a client is known, only strangers are shut out.
 */
import type { Client } from "./clients.ts";
import { createBoundedMap } from "./bounded-map.ts";

export interface Known {
  /** A valid credential came from there. */
  remember(client: Client, nowMs: number): void;
  has(client: Client, nowMs: number): boolean;
  hasSite(siteKey: string, nowMs: number): boolean;
  /** Takes over what the store or another replica knows. */
  learn(key: string, seenMs: number): void;
  /** What came up since the last call, for the store. */
  takeNews(): { key: string; seenMs: number }[];
  /** Puts news back that could not be stored. */
  putBack(news: readonly { key: string; seenMs: number }[]): void;
}

/** A sighting within this of the last one is no news: what is stored may be this much too old. */
const newsMs = 3_600_000;

export function createKnown({ windowMs, maxAddresses }: { windowMs: number; maxAddresses: number }): Known {
  const seen = createBoundedMap<number>({ maxEntries: maxAddresses, worth: (seenMs, nowMs) => seenMs + windowMs - nowMs });
  const news = new Map<string, number>();

  function see(key: string, nowMs: number): void {
    const before = seen.get(key);
    if (before !== undefined && nowMs - before < Math.min(newsMs, windowMs / 2)) return;
    seen.set(key, nowMs, nowMs);
    if (news.size < maxAddresses) news.set(key, nowMs);
  }

  const isFresh = (key: string, nowMs: number) => (seen.get(key) ?? -Infinity) + windowMs > nowMs;

  return {
    remember({ key, siteKey }, nowMs) {
      see(key, nowMs);
      if (siteKey !== undefined) see(siteKey, nowMs);
    },
    has: ({ key }, nowMs) => isFresh(key, nowMs),
    hasSite: isFresh,
    learn(key, seenMs) {
      if (seenMs > (seen.get(key) ?? -Infinity)) seen.set(key, seenMs, seenMs);
    },
    takeNews() {
      const taken = [...news].map(([key, seenMs]) => ({ key, seenMs }));
      news.clear();
      return taken;
    },
    putBack(taken) {
      for (const { key, seenMs } of taken) if (!news.has(key)) news.set(key, seenMs);
    },
  };
}
