/**
 * What strangers may write into the log. Refusals without a valid credential are entered one by one up to a quota per address and
 * minute, and over all addresses; what is over it is counted and summarised when the minute ends. INVARIANT: neither memory nor
 * disk grows with the number of strangers: addresses, entries and summaries of a minute are all bounded.
 */

import type { Evidence, Json } from "../../base/evidence/index.ts";
import { limitKey } from "../../base/net/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { AuditConfig } from "./config.ts";

const windowMs = 60_000;

/** Codes told apart in one count; ours are few, so more means a mistake, not a need. */
const maxCodes = 32;

interface Count {
  entered: number;
  summarised: number;
  readonly codes: Map<string, number>;
}

export class Refusals {
  readonly #config: AuditConfig["refusals"];
  readonly #clock: Clock;
  readonly #enter: (evidence: Evidence) => boolean;
  readonly #addresses = new Map<string, Count>();
  #others: Count = emptyCount();
  #entered = 0;
  #startMs: number;
  #startMonotonicMs: number;

  /** `enter` writes an entry and says whether it may: it may not while space is kept for others. */
  constructor(parts: { config: AuditConfig["refusals"]; clock: Clock; enter: (evidence: Evidence) => boolean }) {
    this.#config = parts.config;
    this.#clock = parts.clock;
    this.#enter = parts.enter;
    this.#startMs = parts.clock.now();
    this.#startMonotonicMs = parts.clock.monotonic();
  }

  refuse(evidence: Evidence): void {
    this.turnWindow();
    const count = this.#countOf(limitKey(evidence.actor?.address ?? ""));
    const within = count.entered < this.#config.perAddressPerMinute && this.#entered < this.#config.perMinute;
    if (count !== this.#others && within && this.#enter(evidence)) {
      count.entered++;
      this.#entered++;
      return;
    }
    count.summarised++;
    const code = evidence.code ?? evidence.kind;
    if (count.codes.has(code) || count.codes.size < maxCodes) count.codes.set(code, (count.codes.get(code) ?? 0) + 1);
  }

  /** Begins a new minute when the last one is over. */
  turnWindow(): void {
    if (this.#clock.monotonic() - this.#startMonotonicMs < windowMs) return;
    this.summarise();
    // What could not be written stays, and is told with the next minute.
    for (const [address, count] of this.#addresses) {
      if (count.summarised === 0) this.#addresses.delete(address);
      else count.entered = 0;
    }
    this.#entered = 0;
    this.#startMs = this.#clock.now();
    this.#startMonotonicMs = this.#clock.monotonic();
  }

  /** Enters the counts so far: the busiest addresses one by one, the rest together. */
  summarise(): void {
    const counted = [...this.#addresses].filter(([, count]) => count.summarised > 0);
    const busiest = counted.toSorted((a, b) => b[1].summarised - a[1].summarised);
    for (const [address, count] of busiest.slice(0, this.#config.summariesPerMinute)) {
      if (this.#enter(this.#summary(count, address))) clear(count);
    }
    const rest = busiest.slice(this.#config.summariesPerMinute);
    const together = emptyCount();
    for (const count of [this.#others, ...rest.map(([, count]) => count)]) {
      together.summarised += count.summarised;
      for (const [code, n] of count.codes) together.codes.set(code, (together.codes.get(code) ?? 0) + n);
    }
    if (together.summarised === 0 || !this.#enter(this.#summary(together))) return;
    for (const [, count] of rest) clear(count);
    this.#others = emptyCount();
  }

  #countOf(address: string): Count {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    if (this.#addresses.size >= this.#config.addresses) return this.#others;
    const count = emptyCount();
    this.#addresses.set(address, count);
    return count;
  }

  #summary(count: Count, address?: string): Evidence {
    const codes: { [code: string]: Json } = Object.fromEntries(count.codes);
    return {
      kind: "request.refusals-summarised",
      outcome: "denied",
      ...(address === undefined ? {} : { actor: { address } }),
      detail: {
        count: count.summarised,
        codes,
        fromMs: this.#startMs,
        toMs: this.#clock.now(),
        ...(address === undefined ? { addresses: "many" } : {}),
      },
    };
  }
}

function emptyCount(): Count {
  return { entered: 0, summarised: 0, codes: new Map() };
}

function clear(count: Count): void {
  count.summarised = 0;
  count.codes.clear();
}
