import { sql } from "kysely";
import { createMemoryEvidence } from "../../src/base/evidence/index.ts";
import type { Evidence, EvidenceSink } from "../../src/base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../src/base/log/index.ts";
import type { Logger } from "../../src/base/log/index.ts";
import { createManualClock, systemRandom } from "../../src/base/port/index.ts";
import type { Clock } from "../../src/base/port/index.ts";
import type { Store } from "../../src/base/store/index.ts";
import { accessConfig, createAccess } from "../../src/guard/access/index.ts";
import type { Access, Caller } from "../../src/guard/access/index.ts";

export const by = { principal: "local", address: "127.0.0.1" };
export const anywhere = "198.51.100.7";

type ManualClock = Clock & { advance(ms: number): void };

export interface World {
  readonly access: Access;
  readonly clock: ManualClock;
  readonly evidence: readonly Evidence[];
  /** Lets time pass as it does for a running service, which keeps looking at its tables. */
  pass(ms: number): Promise<void>;
  /** From now on the log takes nothing. */
  breakLog(): void;
  /** Another process over the same tables. */
  another(): Promise<Access>;
  close(): Promise<void>;
}

export interface WorldOptions {
  /** As the section `access:` is written. */
  readonly config?: Parameters<typeof accessConfig.parse>[0];
  readonly clock?: ManualClock;
  readonly baseDir?: string;
  readonly log?: Logger;
  readonly announce?: boolean;
  /** Where evidence goes instead of to memory. */
  readonly evidence?: EvidenceSink;
  /** Keep what the tables hold from before. */
  readonly keep?: boolean;
}

/** Access over an emptied store, with a clock and a log that the test holds in its hand. */
export async function openWorld(store: Store, options: WorldOptions = {}): Promise<World> {
  if (options.keep !== true) await emptyTables(store);
  const clock = options.clock ?? createManualClock();
  const memory = createMemoryEvidence(() => clock.now());
  let broken = false;
  const evidence: EvidenceSink = {
    async append(entry) {
      if (broken) throw new Error("no space left on device");
      await options.evidence?.append(entry);
      return await memory.append(entry);
    },
  };
  const open = () =>
    createAccess({
      store,
      config: accessConfig.parse(options.config ?? {}),
      evidence,
      clock,
      random: systemRandom,
      log: options.log ?? silentLogger,
      meter: silentMeter,
      ...(options.baseDir === undefined ? {} : { baseDir: options.baseDir }),
      ...(options.announce === undefined ? {} : { announce: options.announce }),
    });
  const opened = [await open()];
  return {
    access: opened[0]!,
    clock,
    get evidence() {
      return memory.entries.map((entry) => entry.evidence);
    },
    async pass(ms) {
      clock.advance(ms);
      for (const access of opened) await access.refresh();
    },
    breakLog: () => (broken = true),
    async another() {
      const other = await open();
      opened.push(other);
      return other;
    },
    async close() {
      for (const access of opened) await access.close();
    },
  };
}

async function emptyTables(store: Store): Promise<void> {
  const db = store.tables<Record<string, never>>();
  for (const table of ["access_keys", "access_principals"]) await sql`delete from ${sql.table(table)}`.execute(db);
  await sql`update access_state set revision = 0`.execute(db);
}

/** The caller behind a key, or the code of the refusal. */
export async function whoIs(access: Access, key: string, address: string = anywhere): Promise<Caller | string> {
  const answer = await access.authenticate(`Bearer ${key}`, address);
  return answer.ok ? answer.caller : answer.code;
}

/** The caller behind a key that is good. */
export async function callerFor(access: Access, key: string, address: string = anywhere): Promise<Caller> {
  const caller = await whoIs(access, key, address);
  if (typeof caller === "string") throw new Error(`the key was refused: ${caller}`);
  return caller;
}
