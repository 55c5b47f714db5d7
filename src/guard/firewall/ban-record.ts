/** Bans in the audit log. */
import type { Actor, Evidence, EvidenceSink, Json } from "../../base/evidence/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { Ban } from "./face.ts";
import { gcraAdvance, gcraWaitMs, type Rate } from "./gcra.ts";

export type BanEvent = "ban.set" | "ban.lifted" | "ban.expired";

export interface BanRecord {
  /** Settles when the entry is in the log. */
  now(event: BanEvent, ban: Ban, by: Actor): Promise<void>;
  /** Enters that what an entry announced did not come about. */
  failed(event: BanEvent, ban: Ban, by: Actor): Promise<void>;
  /** Enters it when it can be entered; a log that fails is told to the operator's log. */
  soon(event: BanEvent, ban: Ban, actor: Actor): void;
  /** Enters how many were left out since the last time, if any. */
  summarize(): void;
  /** Enters what is still to be entered, and waits for it. */
  close(): Promise<void>;
}

/**
 * Automatic bans of addresses are the one thing here that strangers cause. So that they cannot fill the log, they are entered one by
 * one up to this, and beyond it as numbers (`ban.counted`). The store has each of them either way.
 */
const oneByOne: Rate = { perSecond: 1, burst: 60 };

export function createBanRecord({ evidence, log, clock }: { evidence: EvidenceSink; log: Logger; clock: Clock }): BanRecord {
  let tatMs = 0;
  const underWay = new Set<Promise<unknown>>();
  let leftOut = new Map<BanEvent, number>();

  function hasRoom(): boolean {
    const nowMs = clock.monotonic();
    if (gcraWaitMs(tatMs, nowMs, oneByOne, 1) > 0) return false;
    tatMs = gcraAdvance(tatMs, nowMs, oneByOne, 1);
    return true;
  }

  function enter(entry: Evidence): void {
    const entering = evidence
      .append(entry)
      .catch((error: unknown) => log.error("a ban could not be entered in the log", { kind: entry.kind, error }))
      .finally(() => underWay.delete(entering));
    underWay.add(entering);
  }

  function enterNumbers(): void {
    const detail = Object.fromEntries(leftOut);
    leftOut = new Map();
    enter({ kind: "ban.counted", outcome: "done", action: "manageBans", subject: { type: "service", id: "firewall" }, detail });
  }

  return {
    async now(event, ban, by) {
      await evidence.append(entryOf(event, ban, by));
    },
    async failed(event, ban, by) {
      await evidence.append({ ...entryOf(event, ban, by), outcome: "failed" }).catch(() => {});
    },
    soon(event, ban, actor) {
      if (ban.automatic && ban.kind === "network" && !hasRoom()) leftOut.set(event, (leftOut.get(event) ?? 0) + 1);
      else enter(entryOf(event, ban, actor));
    },
    summarize() {
      if (leftOut.size > 0 && hasRoom()) enterNumbers();
    },
    async close() {
      if (leftOut.size > 0) enterNumbers();
      await Promise.all(underWay);
    },
  };
}

function entryOf(kind: BanEvent, ban: Ban, actor: Actor): Evidence {
  return { kind, outcome: "done", actor, subject: { type: "ban", id: ban.id }, action: "manageBans", detail: detailOf(ban) };
}

function detailOf({ kind, target, scope, reason, automatic, level, sinceMs, untilMs }: Ban): { [key: string]: Json } {
  return { kind, target, scope, reason, automatic, level, sinceMs, untilMs };
}
