import { ModelkeepError } from "../../../base/error/index.ts";
import type { Logger, Meter } from "../../../base/log/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { AccessConfig } from "../config.ts";
import type {} from "../errors.ts";
import type { KeyTable } from "./key-table.ts";
import type { Ledger } from "./ledger.ts";

/** Keeps the keys in memory in step with the tables. */
export interface Mirror {
  /** Reads what has changed, after any read that is under way. */
  refresh(): Promise<void>;
  /** @throws `access/stale` */
  assertFresh(): void;
  close(): Promise<void>;
}

/** What the mirror is built from. */
export interface MirrorParts {
  readonly ledger: Ledger;
  readonly table: KeyTable;
  readonly clock: Clock;
  readonly config: AccessConfig["keys"];
  /** Whether other processes change the tables too. */
  readonly shared: boolean;
  readonly log: Logger;
  readonly meter: Meter;
}

const rememberExpiredMs = 30 * 86_400_000;
const usesPerStatement = 1000;

/**
 * Loads every key, then reads what other replicas change every `refreshMs`: one indexed row while nothing does.
 *
 * INVARIANT: a key revoked by anyone is refused here at most `refreshMs` and one query later; when the database cannot be read,
 * at most `maxStalenessMs` later, because then every key is refused.
 */
export async function createMirror({ ledger, table, clock, config, shared, log, meter }: MirrorParts): Promise<Mirror> {
  let revision = 0;
  let freshMs = clock.monotonic();
  let last: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    const startedMs = clock.monotonic();
    const news = await ledger.since(revision, clock.now() - rememberExpiredMs);
    table.apply(news.principals, news.keys);
    revision = news.revision;
    freshMs = startedMs;
  }
  function refresh(): Promise<void> {
    const next = last.then(read);
    last = next.catch(() => {});
    return next;
  }
  async function writeUses(): Promise<void> {
    table.prune(clock.now() - rememberExpiredMs);
    const uses = [...table.takeUses()].sort();
    for (let at = 0; at < uses.length; at += usesPerStatement) {
      try {
        await ledger.noteUses(new Map(uses.slice(at, at + usesPerStatement)));
      } catch (cause) {
        table.returnUses(new Map(uses.slice(at)));
        log.warn("last uses of keys could not be written down; they will be tried again", { error: String(cause) });
        return;
      }
    }
  }
  async function poll(): Promise<void> {
    try {
      await refresh();
    } catch (cause) {
      meter.count("modelkeep_access_refresh_failures_total");
      log.warn("changes to keys by other replicas could not be read", { error: String(cause) });
    }
  }

  await refresh();
  const stopPolling = shared ? every(config.refreshMs, poll) : async () => {};
  const stopWriting = every(config.lastUsedMs, writeUses);
  return {
    refresh,
    assertFresh() {
      if (!shared || clock.monotonic() - freshMs <= config.maxStalenessMs) return;
      throw new ModelkeepError("access/stale", {
        message: "credentials cannot be checked: the database does not answer",
        hint: "try again shortly",
        status: 503,
        retryAfterSeconds: 5,
      });
    },
    async close() {
      await Promise.all([stopPolling(), stopWriting()]);
      await writeUses();
    },
  };
}

/** Runs a task again and again, `ms` after it settled, without keeping the process alive; the returned function waits for the last run. */
function every(ms: number, task: () => Promise<void>): () => Promise<void> {
  let stopped = false;
  let running = Promise.resolve();
  let timer = setTimeout(tick, ms).unref();
  async function run(): Promise<void> {
    await task();
    if (!stopped) timer = setTimeout(tick, ms).unref();
  }
  function tick(): void {
    running = run();
  }
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
