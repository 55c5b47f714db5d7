/** What is decided by address alone: before it is known who asks, and for those who turn out to be strangers. */
import { clientAddress, formatAddress, type ForwardingHeaders } from "../../base/net/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { BanBook } from "./ban-book.ts";
import type { Client } from "./clients.ts";
import type { FirewallConfig } from "./config.ts";
import { createConnections } from "./connections.ts";
import type { Counters, Short } from "./counters.ts";
import type { Firewall, Refusal, Verdict } from "./face.ts";
import type { Judge } from "./judge.ts";
import { isOwnLimit, type Limits } from "./limits.ts";
import { createNetworks, type Networks } from "./networks.ts";
import type { Refusals } from "./refusals.ts";

export interface GateParts {
  readonly config: FirewallConfig;
  readonly clock: Clock;
  readonly clientOf: (address: string) => Client;
  readonly counters: Counters;
  readonly limits: Limits;
  readonly book: BanBook;
  readonly judge: Judge;
  readonly exempt: Networks;
  readonly refusals: Refusals;
}

export interface Gate {
  readonly openConnections: number;
  clientAddress(peer: string, headers: ForwardingHeaders): string;
  connect: Firewall["connect"];
  admit: Firewall["admit"];
  chargeOpen: Firewall["chargeOpen"];
  /** Charges one request without a valid credential. */
  chargeStranger(client: Client): Verdict;
}

export const pass: Verdict = { ok: true };

export function createGate(parts: GateParts): Gate {
  const { config, clock, clientOf, counters, limits, book, judge, exempt, refusals } = parts;
  const trusted = createNetworks(config.proxies.trusted);
  const allowed = createNetworks(config.allow);
  const blocked = createNetworks(config.block);
  const connections = createConnections(config.connections);
  const trust = { trusts: (ip: Client["ip"]) => trusted.around(ip) !== undefined, header: config.proxies.header };

  function shutOut({ ip }: Client): Refusal | undefined {
    // Blocks win over allows and exemptions: an operator who adds a block expects it to hold whatever else is configured.
    if (blocked.around(ip) !== undefined) return refusals.blocked();
    if (allowed.size > 0 && allowed.around(ip) === undefined) return refusals.blocked();
    const ban = exempt.around(ip) === undefined ? book.at(ip, "everyone", clock.now()) : undefined;
    return ban && refusals.banned(ban);
  }

  function isKnown(client: Client): boolean {
    return judge.isShared(client, clock.now()) || exempt.around(client.ip) !== undefined;
  }

  function limited(short: Short, client: Client, code?: Refusal["code"]): Refusal {
    if (isOwnLimit(short)) judge.irregular({ address: client.key }, client, "flood");
    return refusals.limited(short, code);
  }

  return {
    get openConnections() {
      return connections.open;
    },
    clientAddress(peer, headers) {
      const { ip } = clientOf(peer);
      return formatAddress(trusted.size === 0 ? ip : clientAddress(ip, headers, trust));
    },
    connect(address) {
      const client = clientOf(address);
      const isProxy = trusted.around(client.ip) !== undefined; // its clients are looked at one by one, in `admit`
      const refusal = isProxy ? undefined : shutOut(client);
      if (refusal) return refusal;
      const known = isProxy || isKnown(client);
      const opening = known ? undefined : counters.take([limits.opening(client)]);
      if (opening && !opening.ok) return limited(opening, client, "firewall/too-many-connections");
      const place = connections.take(client, !isProxy, known);
      return "full" in place ? refusals.full(place.full) : { ok: true, release: place.release };
    },
    admit(address) {
      const client = clientOf(address);
      const refusal = shutOut(client);
      if (refusal) return refusal;
      // Where a client is known, or strangers are banned and a newcomer has to be told from them, who asks is looked at first: that
      // costs little more than a refusal, and whoever has no valid credential is refused right after.
      if (isKnown(client) || book.at(client.ip, "strangers", clock.now()) !== undefined) return pass;
      const room = counters.peek(limits.stranger(client, false));
      return room.ok ? pass : limited(room, client);
    },
    chargeOpen(address) {
      const client = clientOf(address);
      if (exempt.around(client.ip) !== undefined) return pass;
      const taken = counters.take(limits.stranger(client, true));
      return taken.ok ? pass : limited(taken, client);
    },
    chargeStranger(client) {
      if (exempt.around(client.ip) !== undefined) return pass;
      const nowMs = clock.now();
      const ban = book.at(client.ip, "strangers", nowMs);
      if (ban) return refusals.banned(ban);
      const taken = counters.take(limits.stranger(client, judge.isShared(client, nowMs)));
      return taken.ok ? pass : limited(taken, client);
    },
  };
}
