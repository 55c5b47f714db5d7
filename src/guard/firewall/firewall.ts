import type { EvidenceSink } from "../../base/evidence/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import { systemRandom, type Clock, type Random } from "../../base/port/index.ts";
import type { Store } from "../../base/store/index.ts";
import { createBanBook } from "./ban-book.ts";
import { createBanKeeper } from "./ban-keeper.ts";
import { createBanStore } from "./ban-store.ts";
import { createBans } from "./bans.ts";
import { createClients } from "./clients.ts";
import type { FirewallConfig } from "./config.ts";
import { createLocalCounters, type Counters } from "./counters.ts";
import type { Firewall, Refusal } from "./face.ts";
import { createGate, pass } from "./gate.ts";
import { createJudge } from "./judge.ts";
import { createKnown } from "./known.ts";
import { createLadder } from "./ladder.ts";
import { createLimits, isOwnLimit } from "./limits.ts";
import { createNetworks } from "./networks.ts";
import { createRefusals } from "./refusals.ts";
import { createScores } from "./scores.ts";

export interface FirewallParts {
  readonly config: FirewallConfig;
  readonly store: Store;
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  /** Shared with other replicas (see `openSharedCounters`); without it, in-process. The firewall closes them. */
  readonly counters?: Counters;
  readonly random?: Random;
}

/** Addresses and credentials that are remembered at most: for scores, for past bans, and as known. */
const maxRemembered = 65_536;

/**
 * Builds the firewall from the configuration and what the store remembers.
 *
 * @throws `net/bad-network` for a network in the configuration that is none
 * @example
 * const firewall = await createFirewall({ config, store, evidence: audit, clock: systemClock, log, meter });
 * const verdict = firewall.admit(firewall.clientAddress(socket.remoteAddress ?? "", request.headers));
 * if (!verdict.ok) response.writeHead(429, { "Retry-After": verdict.retryAfterSeconds ?? 60 }).end();
 */
export async function createFirewall(parts: FirewallParts): Promise<Firewall> {
  const { config, clock, meter, random = systemRandom } = parts;
  const knownMs = config.bans.knownSeconds * 1000;
  const known = createKnown({ windowMs: knownMs, maxAddresses: maxRemembered });
  const book = createBanBook();
  const ladder = createLadder({ ...config.bans, maxTargets: maxRemembered });
  const rows = createBanStore(parts.store);
  const kept = { knownMs, keepMs: config.bans.keepSeconds * 1000, maxKnown: maxRemembered };
  const keeper = await createBanKeeper({ ...parts, book, ladder, known, rows, limits: kept });

  const newId = () => `ban_${Buffer.from(random.bytes(9)).toString("base64url")}`;
  const scores = createScores({ halfLifeMs: config.bans.halfLifeSeconds * 1000, maxTargets: maxRemembered });
  const shared = createNetworks(config.bans.shared);
  const exempt = createNetworks(config.bans.exempt);
  // A proxy is not to blame for what came through it and could not be told apart.
  const blameless = createNetworks([...config.bans.exempt, ...config.proxies.trusted]);
  const judging = { book, keeper, ladder, scores, known, shared, exempt: blameless };
  const judge = createJudge({ config: config.bans, clock, meter, newId, ...judging });
  const bans = createBans({ book, keeper, judge, clock, exempt: config.bans.exempt, newId });

  const clientOf = createClients();
  const counters = parts.counters ?? createLocalCounters({ clock, maxBuckets: config.limits.maxBuckets });
  const limits = createLimits(config);
  const refusals = createRefusals(parts);
  const gate = createGate({ config, clock, clientOf, counters, limits, book, judge, exempt, refusals });

  function bannedCaller(principal: string, credential: string | undefined): Refusal | undefined {
    if (book.size === 0) return undefined;
    const nowMs = clock.now();
    const ban =
      book.on("principal", principal, nowMs) ?? (credential === undefined ? undefined : book.on("credential", credential, nowMs));
    return ban && refusals.banned(ban);
  }

  const stopGauges = [
    meter.gauge("modelkeep_firewall_connections", () => gate.openConnections),
    meter.gauge("modelkeep_firewall_buckets", () => counters.size),
    meter.gauge("modelkeep_firewall_bans", () => book.size),
  ];
  const timer = setInterval(() => void keeper.sync(), config.bans.pollMs);
  timer.unref();

  return {
    clientAddress: gate.clientAddress,
    connect: gate.connect,
    admit: gate.admit,
    chargeOpen: gate.chargeOpen,
    charge(who, cost, deferred) {
      const client = clientOf(who.address);
      const { principal, credential, model } = who;
      if (principal === undefined) return gate.chargeStranger(client);
      const refusal = bannedCaller(principal, credential);
      if (refusal) return refusal;
      known.remember(client, clock.now());
      const taken = counters.take(limits.caller({ principal, model }, client, cost, deferred));
      if (taken.ok) return pass;
      if (isOwnLimit(taken)) judge.irregular(who, client, "flood");
      return refusals.limited(taken);
    },
    settle(who, cost, ending = "answered") {
      const { principal, model } = who;
      if (principal === undefined) return;
      counters.force(limits.caller({ principal, model }, clientOf(who.address), cost));
      if (ending === "answered") judge.answered(who);
    },
    observe(who, event) {
      const client = clientOf(who.address);
      judge.irregular(who, client, event);
      if (event === "bad-credential" || who.principal === undefined) return gate.chargeStranger(client);
      return bannedCaller(who.principal, who.credential) ?? pass;
    },
    bans,
    sync: () => keeper.sync(),
    async close() {
      clearInterval(timer);
      for (const stop of stopGauges) stop();
      await keeper.close();
      await counters.close();
    },
  };
}
