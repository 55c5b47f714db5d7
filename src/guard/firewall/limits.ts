/** Which buckets a request draws on. */
import type { FirewallConfig } from "./config.ts";
import type { Debit, Short } from "./counters.ts";
import type { Cost } from "./face.ts";
import type { Rate } from "./gcra.ts";
import type { Client } from "./clients.ts";

const units = ["requests", "rows", "bytes", "modelMs"] as const;
type Unit = (typeof units)[number];
type Rates = { readonly [U in Unit]?: Rate | undefined };
type RateConfig = { readonly perSecond: number; readonly burst?: number | undefined };
type RatesConfig = { readonly [U in Unit]?: RateConfig | undefined };

const none: Cost = {};

/** A /48 is what one site is handed (RFC 6177 §2): it gets this many times the allowance of one of its /64. */
const siteFactor = 8;

/** Someone with a valid credential. */
interface Caller {
  readonly principal: string;
  readonly model: string | undefined;
}

/** Turns callers and costs into debits. */
export interface Limits {
  /** For requests with a valid credential. */
  caller(who: Caller, client: Client, cost: Cost, deferred?: Cost): Debit[];
  /** For one request without; `alone` leaves out the limit on all strangers together. */
  stranger(client: Client, alone: boolean): Debit[];
  /** For opening a connection where no client is known. */
  opening(client: Client): Debit;
}

export function createLimits({ limits, connections }: Pick<FirewallConfig, "limits" | "connections">): Limits {
  const address = ratesOf(limits.address);
  const everyPrincipal = ratesOf(limits.principal);
  const everyModel = ratesOf(limits.model);
  const pair = ratesOf(limits.principalModel);
  const principals = new Map(
    Object.entries(limits.principals).map(([name, rates]) => [name, { ...everyPrincipal, ...ratesOf(rates) }]),
  );
  const models = new Map(Object.entries(limits.models).map(([name, rates]) => [name, { ...everyModel, ...ratesOf(rates) }]));
  const stranger = rateOf(limits.stranger);
  const strangers = rateOf(limits.strangers);
  const site = { perSecond: stranger.perSecond * siteFactor, burst: stranger.burst * siteFactor };
  const opened = rateOf(connections.opened);

  return {
    caller({ principal, model }, client, cost, deferred = none) {
      const debits: Debit[] = [];
      const add = (scope: string, owner: string, rates: Rates, also: Cost) => {
        for (const unit of units) {
          const rate = rates[unit];
          const amount = (cost[unit] ?? 0) + (also[unit] ?? 0);
          // Model time is known after the run: a charge before it of nothing waits until the debt of earlier runs is paid.
          if (rate && (amount > 0 || unit === "modelMs")) debits.push({ key: `${scope} ${unit} ${owner}`, rate, amount });
        }
      };
      add("address", client.key, address, none);
      add("principal", principal, principals.get(principal) ?? everyPrincipal, none);
      if (model === undefined) return debits;
      add("model", model, models.get(model) ?? everyModel, deferred);
      // The length keeps `a` + `b/c` and `a/b` + `c` apart.
      add("pair", `${principal.length}/${principal}/${model}`, pair, deferred);
      return debits;
    },
    stranger({ key, siteKey }, alone) {
      const debits: Debit[] = [{ key: `stranger requests ${key}`, rate: stranger, amount: 1 }];
      if (siteKey !== undefined) debits.push({ key: `stranger requests ${siteKey}`, rate: site, amount: 1 });
      if (!alone) debits.push({ key: "strangers requests", rate: strangers, amount: 1 });
      return debits;
    },
    opening: ({ key }) => ({ key: `opening connections ${key}`, rate: opened, amount: 1 }),
  };
}

const owners: Readonly<Record<string, string>> = {
  stranger: "this address, without a valid credential,",
  strangers: "the service, for clients without a valid credential,",
  opening: "this address",
  address: "this address",
  principal: "this principal",
  model: "this model",
  pair: "this principal on this model",
};

/** The first word of a bucket's name: `stranger`, `strangers`, `opening`, `address`, `principal`, `model` or `pair`. */
export function scopeOf({ key }: Debit): string {
  return key.slice(0, key.indexOf(" "));
}

/** Whether it was the one refused who emptied the bucket, and who goes on if it asks again before the wait is over. */
export function isOwnLimit({ debit, waitMs, uncounted }: Short): boolean {
  return !uncounted && waitMs < Infinity && ["stranger", "opening", "principal", "pair"].includes(scopeOf(debit));
}

/** What a limit is called in front of a client: scope, unit and size, never who else drew on it. */
export function describeLimit({ debit: { key, rate, amount }, uncounted }: Short): string {
  if (uncounted) return "the limits cannot be counted just now";
  const [scope, unit] = key.split(" ", 2) as [string, string];
  const what = unit === "modelMs" ? "milliseconds of model time" : unit;
  const limit = `${owners[scope]} is limited to ${rate.perSecond} ${what} a second, ${rate.burst} at once`;
  return amount > rate.burst ? `${limit}, and this asks for ${amount}` : limit;
}

function rateOf({ perSecond, burst = Math.max(1, 2 * perSecond) }: RateConfig): Rate {
  return { perSecond, burst };
}

function ratesOf(config: RatesConfig): Rates {
  const rates: { [U in Unit]?: Rate } = {};
  for (const unit of units) if (config[unit]) rates[unit] = rateOf(config[unit]);
  return rates;
}
