/** Bans and known addresses as rows, so that they outlive a restart and reach other replicas. */
import type { Kysely } from "kysely";
import type { Actor } from "../../base/evidence/index.ts";
import type { Migration, Store } from "../../base/store/index.ts";
import type { Ban } from "./face.ts";

export const firewallMigrations: readonly Migration[] = [
  {
    id: "firewall/0001-bans",
    up: `
create table firewall_bans (
  id text primary key,
  kind text not null,
  target text not null,
  scope text not null,
  reason text not null,
  automatic boolean not null,
  level integer not null,
  since_ms bigint not null,
  until_ms bigint,
  set_by text,
  ended_ms bigint,
  ended_how text
);
create index firewall_bans_in_force on firewall_bans (since_ms) where ended_ms is null;
create index firewall_bans_ended on firewall_bans (ended_ms) where ended_ms is not null;
create table firewall_known (
  address text primary key,
  seen_ms bigint not null
);
`,
  },
];

interface BanRow {
  id: string;
  kind: string;
  target: string;
  scope: string;
  reason: string;
  automatic: boolean;
  level: number;
  since_ms: number;
  until_ms: number | null;
  /** {@link Actor} as JSON. */
  set_by: string | null;
  ended_ms: number | null;
  ended_how: string | null;
}

interface Tables {
  firewall_bans: BanRow;
  firewall_known: { address: string; seen_ms: number };
}

export type EndedHow = "expired" | "lifted" | "made room";

/** An earlier automatic ban: how far up the ladder its target stood, and when it came off. */
export interface PastBan {
  readonly kind: Ban["kind"];
  readonly target: string;
  readonly level: number;
  readonly endedMs: number;
}

export interface BanStore {
  readonly shared: boolean;
  insert(bans: readonly Ban[]): Promise<void>;
  /** The ids of those that this call ended: one caller, over all replicas, is told of each. */
  end(ends: readonly { readonly ban: Ban; readonly atMs: number }[], how: EndedHow): Promise<ReadonlySet<string>>;
  /** Makes the earlier bans of a target count no longer. */
  forgive(kind: Ban["kind"], target: string): Promise<void>;
  inForce(): Promise<Ban[]>;
  past(sinceMs: number): Promise<PastBan[]>;
  saveKnown(addresses: readonly { key: string; seenMs: number }[]): Promise<void>;
  known(sinceMs: number, limit: number): Promise<{ key: string; seenMs: number }[]>;
  /** Deletes bans that ended before, or are not among the newest `maxEnded`, and addresses last seen before. */
  purge(limits: { endedBeforeMs: number; seenBeforeMs: number; maxEnded: number }): Promise<void>;
}

export function createBanStore(store: Store): BanStore {
  const db: Kysely<Tables> = store.tables<Tables>();
  return {
    shared: store.kind === "postgres",
    async insert(bans) {
      for (const rows of inChunks(bans.map(toRow))) {
        await db
          .insertInto("firewall_bans")
          .values(rows)
          .onConflict((on) => on.column("id").doNothing())
          .execute();
      }
    },
    async end(ends, how) {
      const ended = new Set<string>();
      for (const chunk of inChunks(ends)) {
        const ids = chunk.map(({ ban }) => ban.id);
        // One time for all: the latest. For those that ran out, their own end counts.
        const atMs = Math.max(...chunk.map((end) => end.atMs));
        const rows = await db
          .updateTable("firewall_bans")
          .set((eb) => ({ ended_ms: how === "expired" ? eb.fn.coalesce("until_ms", eb.val(atMs)) : atMs, ended_how: how }))
          .where("id", "in", ids)
          .where("ended_ms", "is", null)
          .returning("id")
          .execute();
        for (const { id } of rows) ended.add(id);
      }
      return ended;
    },
    async forgive(kind, target) {
      const change = db.updateTable("firewall_bans").set({ ended_how: "lifted" satisfies EndedHow });
      await change.where("kind", "=", kind).where("target", "=", target).where("ended_ms", "is not", null).execute();
    },
    async inForce() {
      return (await db.selectFrom("firewall_bans").selectAll().where("ended_ms", "is", null).execute()).map(toBan);
    },
    async past(sinceMs) {
      const rows = await db
        .selectFrom("firewall_bans")
        .select(["kind", "target", "level", "ended_ms"])
        .where("ended_ms", ">=", sinceMs)
        .where("automatic", "=", true)
        .where("ended_how", "!=", "lifted")
        .orderBy("ended_ms")
        .execute();
      return rows.map((row) => ({ kind: row.kind as Ban["kind"], target: row.target, level: row.level, endedMs: row.ended_ms! }));
    },
    async saveKnown(addresses) {
      for (const chunk of inChunks(addresses)) {
        const insert = db
          .insertInto("firewall_known")
          .values(chunk.map(({ key, seenMs }) => ({ address: key, seen_ms: Math.floor(seenMs) })));
        await insert
          .onConflict((on) => on.column("address").doUpdateSet((eb) => ({ seen_ms: eb.ref("excluded.seen_ms") })))
          .execute();
      }
    },
    async known(sinceMs, limit) {
      const rows = db.selectFrom("firewall_known").selectAll().where("seen_ms", ">=", Math.floor(sinceMs));
      return (await rows.orderBy("seen_ms", "desc").limit(limit).execute()).map((row) => ({
        key: row.address,
        seenMs: row.seen_ms,
      }));
    },
    async purge({ endedBeforeMs, seenBeforeMs, maxEnded }) {
      const ended = db
        .selectFrom("firewall_bans")
        .select("ended_ms")
        .where("ended_ms", "is not", null)
        .orderBy("ended_ms", "desc");
      const oldest = await ended.offset(maxEnded).limit(1).executeTakeFirst();
      const beforeMs = Math.max(Math.floor(endedBeforeMs), (oldest?.ended_ms ?? -Infinity) + 1);
      await db.deleteFrom("firewall_bans").where("ended_ms", "<", beforeMs).execute();
      await db.deleteFrom("firewall_known").where("seen_ms", "<", Math.floor(seenBeforeMs)).execute();
    },
  };
}

/** Rows of one statement: PostgreSQL takes at most 65,535 parameters. */
function inChunks<Item>(items: readonly Item[], size = 500): Item[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

function toRow(ban: Ban): BanRow {
  return {
    id: ban.id,
    kind: ban.kind,
    target: ban.target,
    scope: ban.scope,
    reason: ban.reason,
    automatic: ban.automatic,
    level: ban.level,
    since_ms: ban.sinceMs,
    until_ms: ban.untilMs,
    set_by: ban.by ? JSON.stringify(ban.by) : null,
    ended_ms: null,
    ended_how: null,
  };
}

function toBan(row: BanRow): Ban {
  return {
    id: row.id,
    kind: row.kind as Ban["kind"],
    target: row.target,
    scope: row.scope as Ban["scope"],
    reason: row.reason,
    automatic: row.automatic,
    level: row.level,
    sinceMs: row.since_ms,
    untilMs: row.until_ms,
    ...(row.set_by === null ? {} : { by: JSON.parse(row.set_by) as Actor }),
  };
}
