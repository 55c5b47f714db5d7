import { ModelkeepError, quote } from "../../base/error/index.ts";
import { networkContains, parseNetwork, type IpNetwork } from "../../base/net/index.ts";
import type { Clock } from "../../base/port/index.ts";
import { inForce, networkTarget, type BanBook } from "./ban-book.ts";
import type { BanKeeper } from "./ban-keeper.ts";
import type {} from "./errors.ts";
import type { Ban, BanRequest, Bans } from "./face.ts";
import type { Judge } from "./judge.ts";

export interface BansParts {
  readonly book: BanBook;
  readonly keeper: BanKeeper;
  readonly judge: Judge;
  readonly clock: Clock;
  /** Networks that are never banned. */
  readonly exempt: readonly string[];
  readonly newId: () => string;
}

/** Bans by hand. */
export function createBans({ book, keeper, judge, clock, exempt, newId }: BansParts): Bans {
  const exempted = exempt.map(parseNetwork);

  function targetOf({ target, kind = "network" }: BanRequest): string {
    if (kind !== "network") return target;
    const network = parseNetwork(target);
    if (exempted.some((other) => overlap(other, network)))
      throw badBan(`${quote(target)} holds addresses of bans.exempt`, "take them out of the configuration first");
    return networkTarget(network);
  }

  return {
    list() {
      const nowMs = clock.now();
      return book
        .all()
        .filter((ban) => inForce(ban, nowMs))
        .sort((a, b) => b.sinceMs - a.sinceMs);
    },
    async set(request, by) {
      const { kind = "network", scope = "everyone", reason, seconds } = request;
      if (request.target === "" || reason.trim() === "")
        throw badBan("a ban needs a target and a reason", "say why: the log keeps it");
      if (seconds !== undefined && !(seconds > 0 && seconds < 1e10))
        throw badBan(`${quote(seconds)} seconds is no length for a ban`, "give a positive number, or none for ever");
      const sinceMs = clock.now();
      const untilMs = seconds === undefined ? null : Math.ceil(sinceMs + seconds * 1000);
      const ban: Ban = {
        id: newId(),
        kind,
        target: targetOf(request),
        scope,
        reason,
        automatic: false,
        level: 0,
        sinceMs,
        untilMs,
        by,
      };
      await keeper.set(ban, by);
      return ban;
    },
    async lift(idOrTarget, by) {
      const target = canonical(idOrTarget);
      const bans = book
        .all()
        .filter((ban) => ban.id === idOrTarget || ban.target === (ban.kind === "network" ? target : idOrTarget));
      await keeper.lift(bans, by);
      for (const ban of bans) judge.absolve(ban);
      return bans;
    },
  };
}

/** The target as a ban names it; text that is no network is compared as it is. */
function canonical(text: string): string {
  try {
    return networkTarget(parseNetwork(text));
  } catch {
    return text;
  }
}

function overlap(a: IpNetwork, b: IpNetwork): boolean {
  return networkContains(a, b) || networkContains(b, a);
}

function badBan(message: string, hint: string): ModelkeepError {
  return new ModelkeepError("firewall/bad-ban", { message, hint, status: 400, exit: 4 });
}
