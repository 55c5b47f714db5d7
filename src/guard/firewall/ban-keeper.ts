/**
 * Keeps the bans: in memory at once, in the store and the log as soon as they take it, the same on every replica within
 * `pollMs` and the time of a query.
 *
 * INVARIANT: an automatic ban holds in memory even when store or log are down; what the store is owed is retried until it is
 * paid. A ban set by hand, or lifted, is in the log before anything comes of it, and reported only once it is stored, too.
 */
import type { Actor, EvidenceSink } from "../../base/evidence/index.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import type { Logger, Meter } from "../../base/log/index.ts";
import type { Clock } from "../../base/port/index.ts";
import type { BanBook } from "./ban-book.ts";
import { createBanDebts } from "./ban-debts.ts";
import { createBanRecord } from "./ban-record.ts";
import type { BanStore, EndedHow } from "./ban-store.ts";
import type {} from "./errors.ts";
import type { Ban } from "./face.ts";
import type { Known } from "./known.ts";
import type { Ladder } from "./ladder.ts";

export interface BanKeeperParts {
  readonly book: BanBook;
  readonly ladder: Ladder;
  readonly known: Known;
  readonly rows: BanStore;
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly meter: Meter;
  readonly limits: { readonly knownMs: number; readonly keepMs: number; readonly maxKnown: number };
}

export interface BanKeeper {
  /** Sets an automatic ban, which holds at once. */
  impose(ban: Ban, actor: Actor): void;
  /** Ends an automatic ban so that another fits. */
  makeRoom(ban: Ban): void;
  set(ban: Ban, by: Actor): Promise<void>;
  /** @throws `firewall/no-such-ban` */
  lift(bans: readonly Ban[], by: Actor): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** How often rows that no longer matter are deleted, and known addresses of other replicas read. */
const tidyMs = 600_000;
/** Ended bans that are kept at most, however young: a spray from many addresses must not fill the store. */
const maxEnded = 100_000;

export async function createBanKeeper(parts: BanKeeperParts): Promise<BanKeeper> {
  const { book, ladder, known, rows, clock } = parts;
  const debts = createBanDebts(rows, known);
  const record = createBanRecord(parts);
  const tidy = createTidy(parts);
  const alone = createSerial();
  let queued: Promise<void> | undefined;
  let failing = false;

  function end(ban: Ban, how: EndedHow, atMs: number): void {
    book.remove(ban.id);
    debts.end(ban, how, atMs);
  }

  const pay = () =>
    debts.pay((ban, how) => {
      if (how !== "lifted") record.soon("ban.expired", ban, {});
    });

  async function readOthers(): Promise<void> {
    const settled = book.all().filter(({ id }) => !debts.owesBan(id)); // before the query: these it must know of
    const stored = new Map((await rows.inForce()).map((ban) => [ban.id, ban]));
    for (const { id } of settled) if (!stored.has(id)) book.remove(id);
    for (const ban of stored.values()) {
      if (book.get(ban.id) || debts.owesEnd(ban.id)) continue;
      book.put(ban);
      ladder.note(ban);
    }
  }

  async function syncOnce(): Promise<void> {
    queued = undefined;
    const nowMs = clock.now();
    for (const ban of book.all()) if (ban.untilMs !== null && ban.untilMs <= nowMs) end(ban, "expired", ban.untilMs);
    await pay();
    record.summarize();
    if (rows.shared) await readOthers();
    await tidy(nowMs);
  }

  async function sync(): Promise<void> {
    try {
      await (queued ??= alone(syncOnce));
      failing = false;
    } catch (error) {
      if (!failing) parts.log.error("bans could not be stored; they hold in memory and are retried", { error });
      failing = true;
      parts.meter.count("modelkeep_firewall_store_failures_total");
    }
  }

  for (const past of await rows.past(clock.now() - parts.limits.keepMs)) ladder.learn(past);
  await readOthers();
  await syncOnce();

  return {
    impose(ban, actor) {
      book.put(ban);
      ladder.note(ban);
      debts.begin(ban);
      record.soon("ban.set", ban, actor);
      void sync();
    },
    makeRoom: (ban) => end(ban, "made room", clock.now()),
    async set(ban, by) {
      await record.now("ban.set", ban, by);
      try {
        await alone(() => rows.insert([ban]));
      } catch (error) {
        await record.failed("ban.set", ban, by);
        throw error;
      }
      book.put(ban);
    },
    async lift(bans, by) {
      if (bans.length === 0) throw noSuchBan();
      for (const ban of bans) await record.now("ban.lifted", ban, by);
      for (const ban of bans) {
        ladder.forget(ban.kind, ban.target);
        end(ban, "lifted", clock.now());
      }
      await alone(pay);
      for (const ban of bans) await rows.forgive(ban.kind, ban.target);
    },
    sync,
    close: () => sync().then(record.close),
  };
}

/** Deletes what no longer matters and learns where other replicas know a client, now and then. */
function createTidy({ rows, known, limits: { keepMs, knownMs, maxKnown } }: BanKeeperParts): (nowMs: number) => Promise<void> {
  let tidiedMs = -Infinity;
  return async (nowMs) => {
    if (nowMs - tidiedMs < tidyMs) return;
    await rows.purge({ endedBeforeMs: nowMs - keepMs, seenBeforeMs: nowMs - knownMs, maxEnded });
    for (const { key, seenMs } of await rows.known(nowMs - knownMs, maxKnown)) known.learn(key, seenMs);
    tidiedMs = nowMs;
  };
}

/** Runs tasks one after another, so that what is read from the store is not older than what was written to it. */
function createSerial(): (task: () => Promise<void>) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (task) => {
    const run = last.then(task);
    last = run.catch(() => {});
    return run;
  };
}

function noSuchBan(): ModelkeepError {
  return new ModelkeepError("firewall/no-such-ban", {
    message: "no ban in force has that id or target",
    hint: "`modelkeep bans list` shows those in force",
    status: 404,
    exit: 4,
  });
}
