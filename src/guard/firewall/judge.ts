/**
 * When irregular behaviour becomes a ban, and on whom it falls.
 *
 * An address is not a person: an office, a campus or a mobile carrier puts thousands behind one. So:
 * - What an authenticated caller does wrong (tensors that do not fit, models that are not theirs, going on after a limit)
 *   counts against the *credential*, and never against the address. Answered requests take points off again, so a busy client
 *   with a few bad rows is not a prober.
 * - What somebody without a valid credential does wrong can only be counted against the address. But bad credentials alone
 *   never shut out everyone there: keys have 256 bits, so guessing is hopeless and a ban on holders of valid keys would protect
 *   nothing. The ban falls on *strangers*: whoever shows a valid credential still passes.
 * - Floods and protocol abuse can shut out everyone, because refusing the connection is the only refusal that is cheap enough. But
 *   not with the first ban, which is for strangers too: whoever has a valid credential there can show it, and from then on a client
 *   is *known* at the address (for `knownSeconds`, which outlives restarts). Where one is known, or the network is declared `shared`,
 *   only strangers are ever shut out, and the flood is held by the limit on strangers' requests and the caps on connections.
 * - IPv6 counts by /64, and with an eighth of the weight by /48, so that walking through one's own /64s leads to a ban as well.
 *
 * So one expired key in a loop costs its office nothing but the courtesy of a 401: who else mistypes a key there hears of the ban.
 */
import type { Actor } from "../../base/evidence/index.ts";
import type { Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { BanBook } from "./ban-book.ts";
import type { BanKeeper } from "./ban-keeper.ts";
import type { Client } from "./clients.ts";
import type { FirewallConfig } from "./config.ts";
import type { Ban, BanScope, Irregularity, Who } from "./face.ts";
import type { Known } from "./known.ts";
import type { Ladder } from "./ladder.ts";
import type { Networks } from "./networks.ts";
import type { Scores } from "./scores.ts";

export interface JudgeParts {
  readonly config: FirewallConfig["bans"];
  readonly clock: Clock;
  readonly book: BanBook;
  readonly keeper: BanKeeper;
  readonly ladder: Ladder;
  readonly scores: Scores;
  readonly known: Known;
  readonly shared: Networks;
  /** Networks that nothing is held against. */
  readonly exempt: Networks;
  readonly meter: Meter;
  readonly newId: () => string;
}

export interface Judge {
  /** Counts an irregularity, and bans when that was one too many. */
  irregular(who: Who, client: Client, event: Irregularity): void;
  /** Counts an answered request in its caller's favour. */
  answered(who: Who): void;
  /** Forgets what was held against a target. */
  absolve(ban: Ban): void;
  /** Whether people at this address are known, or must be taken to be. */
  isShared(client: Client, nowMs: number): boolean;
}

const siteShare = 1 / 8;
/** Going on after a limit is a tenth as grave for a caller who can be held to account. */
const callerFloodShare = 1 / 10;

const reasons: Readonly<Record<Irregularity, string>> = {
  "bad-credential": "too many bad credentials",
  "protocol-abuse": "too many malformed requests",
  "shape-probe": "too many inputs that do not fit the model",
  forbidden: "too many requests that policy refuses",
  flood: "went on for too long after being limited",
};

export function createJudge(parts: JudgeParts): Judge {
  const { config, clock, book, keeper, ladder, scores, known } = parts;

  function ban(
    kind: Ban["kind"],
    target: string,
    draft: { gentle: boolean; event: Irregularity; actor: Actor },
    nowMs: number,
  ): void {
    makeRoom();
    const { level, untilMs } = ladder.next(kind, target, nowMs);
    const { gentle, event, actor } = draft;
    const scope: BanScope = gentle || (kind === "network" && level === 1) ? "strangers" : "everyone";
    const ban = {
      id: parts.newId(),
      kind,
      target,
      scope,
      reason: reasons[event],
      automatic: true,
      level,
      sinceMs: nowMs,
      untilMs,
    };
    parts.meter.count("modelkeep_firewall_bans_total", { kind, scope, reason: event });
    scores.clear(`${kind} ${target}`);
    keeper.impose(ban, actor);
  }

  function makeRoom(): void {
    const automatic = book.size < config.maxAutomatic ? [] : book.all().filter((ban) => ban.automatic && ban.untilMs !== null);
    if (automatic.length < config.maxAutomatic) return;
    keeper.makeRoom(automatic.reduce((first, ban) => (ban.untilMs! < first.untilMs! ? ban : first)));
  }

  function count(kind: Ban["kind"], target: string, points: number, nowMs: number): boolean {
    return points > 0 && scores.add(`${kind} ${target}`, points, nowMs) >= config.threshold;
  }

  function isShared(client: Client, nowMs: number): boolean {
    return known.has(client, nowMs) || parts.shared.around(client.ip) !== undefined;
  }

  function againstAddress(client: Client, event: Irregularity, nowMs: number): void {
    // What goes on during a ban is not counted, or a ban could never end.
    if (parts.exempt.around(client.ip) || book.at(client.ip, "strangers", nowMs)) return;
    const actor = { address: client.key };
    const gentle = event === "bad-credential" || parts.shared.around(client.ip) !== undefined;
    const points = config.points[event];
    if (count("network", client.key, points, nowMs)) {
      ban("network", client.key, { gentle: gentle || known.has(client, nowMs), event, actor }, nowMs);
    }
    if (client.siteKey !== undefined && count("network", client.siteKey, points * siteShare, nowMs)) {
      ban("network", client.siteKey, { gentle: gentle || known.hasSite(client.siteKey, nowMs), event, actor }, nowMs);
    }
  }

  return {
    irregular(who, client, event) {
      const nowMs = clock.now();
      parts.meter.count("modelkeep_firewall_irregularities_total", { event });
      if (!config.automatic) return;
      const target = event === "bad-credential" ? undefined : accountable(who);
      if (!target) return againstAddress(client, event, nowMs);
      if (book.on(target.kind, target.name, nowMs)) return;
      const points = config.points[event] * (event === "flood" ? callerFloodShare : 1);
      if (!count(target.kind, target.name, points, nowMs)) return;
      const actor = { address: client.key, ...identity(who) };
      ban(target.kind, target.name, { gentle: false, event, actor }, nowMs);
    },
    answered(who) {
      const target = accountable(who);
      if (target) scores.add(`${target.kind} ${target.name}`, -config.points.answered, clock.now());
    },
    absolve: ({ kind, target }) => scores.clear(`${kind} ${target}`),
    isShared,
  };
}

/** The credential where it is named, else its principal; nobody where the caller is a stranger. */
function accountable({ principal, credential }: Who): { kind: "credential" | "principal"; name: string } | undefined {
  if (principal === undefined) return undefined;
  return credential === undefined ? { kind: "principal", name: principal } : { kind: "credential", name: credential };
}

function identity({ principal, credential }: Who): Actor {
  return { ...(principal === undefined ? {} : { principal }), ...(credential === undefined ? {} : { credential }) };
}
