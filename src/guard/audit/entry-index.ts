/**
 * Where to find entries, in the store: a convenience that can be thrown away and built again from the log. It may hide an entry
 * when somebody tampers with it, never forge one: what a search returns is read from the log.
 */

import { sql } from "kysely";
import type { EvidenceEntry } from "../../base/evidence/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Migration, Store } from "../../base/store/index.ts";
import { createMutex } from "./mutex.ts";
import { columnsOf, fixedColumns } from "./query.ts";
import type { AuditQuery, Columns } from "./query.ts";

export const auditMigrations: Migration[] = [
  {
    id: "audit/0001-entries",
    up: `
      create table audit_entries (
        log text not null,
        index bigint not null,
        time bigint not null,
        kind text not null,
        principal text,
        credential text,
        model text,
        version text,
        address text,
        outcome text not null,
        code text,
        request_id text,
        primary key (log, index)
      );
      create index audit_entries_time on audit_entries (log, time);
      create index audit_entries_principal on audit_entries (log, principal, index) where principal is not null;
      create index audit_entries_model on audit_entries (log, model, index) where model is not null;
      create index audit_entries_address on audit_entries (log, address, index) where address is not null;
      create index audit_entries_kind on audit_entries (log, kind, index);
      create index audit_entries_request on audit_entries (log, request_id) where request_id is not null;
    `,
  },
];

interface Tables {
  audit_entries: Columns & { log: string; index: number; time: number };
}

/** Rows of one insert: the embedded database holds this thread up for about 20 µs each. */
const batchRows = 250;
/** Fresh entries kept in memory for the index; when it falls further behind, it reads them from the log. */
const maxFresh = 20_000;

export class EntryIndex {
  readonly #store: Store;
  readonly #logName: string;
  readonly #log: Logger;
  readonly #read: (from: number, to: number) => AsyncIterable<EvidenceEntry>;
  readonly #exclusive = createMutex();
  /** First entry that is not in the store. */
  #next = 0;
  /** Entries that exist. */
  #size = 0;
  #started = false;
  #fresh: EvidenceEntry[] = [];

  constructor(parts: {
    store: Store;
    /** The log's origin: replicas that share a store keep apart by it. */
    logName: string;
    log: Logger;
    read: (from: number, to: number) => AsyncIterable<EvidenceEntry>;
  }) {
    this.#store = parts.store;
    this.#logName = parts.logName;
    this.#log = parts.log;
    this.#read = parts.read;
  }

  /** Finds out how far the index got. Settles with the number of entries it has seen: more than the log has means that the log lost some. */
  async start(size: number): Promise<number> {
    this.#size = size;
    const db = this.#store.tables<Tables>();
    const row = await db
      .selectFrom("audit_entries")
      .select((e) => e.fn.max("index").as("last"))
      .where("log", "=", this.#logName)
      .executeTakeFirst();
    const seen = row?.last === null || row === undefined ? 0 : Number(row.last) + 1;
    this.#next = Math.min(seen, size);
    this.#started = true;
    if (seen > size) await db.deleteFrom("audit_entries").where("log", "=", this.#logName).where("index", ">=", size).execute();
    return seen;
  }

  /** Takes entries that just became durable; they reach the store with the next {@link pump}. */
  add(entries: readonly EvidenceEntry[]): void {
    this.#size = (entries.at(-1)?.index ?? this.#size - 1) + 1;
    if (this.#fresh.length + entries.length > maxFresh) this.#fresh = [];
    else this.#fresh.push(...entries);
  }

  /** Brings the store up to the entries there were when it was called. */
  pump(): Promise<void> {
    return this.#exclusive(async () => {
      if (!this.#started) await this.start(this.#size);
      const goal = this.#size;
      while (this.#next < goal) {
        const { batch, upTo } = await this.#nextBatch(goal);
        if (batch.length > 0) await this.#insert(batch);
        this.#next = upTo;
      }
    });
  }

  /** Forgets everything and builds the index again from the log. */
  async rebuild(): Promise<void> {
    await this.#exclusive(async () => {
      await this.#store.tables<Tables>().deleteFrom("audit_entries").where("log", "=", this.#logName).execute();
      this.#next = 0;
      this.#fresh = [];
    });
    await this.pump();
    this.#log.info("audit index built again", { entries: this.#next });
  }

  /** Indexes of the entries that match, newest first. */
  async search(query: AuditQuery, limit: number): Promise<number[]> {
    let select = this.#store
      .tables<Tables>()
      .selectFrom("audit_entries")
      .select("index")
      .where("log", "=", this.#logName)
      .orderBy("index", "desc")
      .limit(limit);
    for (const [column, value] of fixedColumns(query)) select = select.where(column, "=", value);
    if (query.fromMs !== undefined) select = select.where("time", ">=", Math.ceil(query.fromMs));
    if (query.toMs !== undefined) select = select.where("time", "<=", Math.floor(query.toMs));
    if (query.before !== undefined) select = select.where("index", "<", Math.ceil(query.before));
    return (await select.execute()).map((row) => Number(row.index));
  }

  async #nextBatch(goal: number): Promise<{ batch: EvidenceEntry[]; upTo: number }> {
    const stale = this.#fresh.findIndex((entry) => entry.index >= this.#next);
    this.#fresh.splice(0, stale < 0 ? this.#fresh.length : stale);
    if (this.#fresh[0]?.index === this.#next) {
      const batch = this.#fresh.slice(0, batchRows);
      return { batch, upTo: this.#next + batch.length };
    }
    const upTo = Math.min(goal, this.#next + batchRows);
    const batch: EvidenceEntry[] = [];
    for await (const entry of this.#read(this.#next, upTo)) batch.push(entry);
    return { batch, upTo };
  }

  async #insert(batch: readonly EvidenceEntry[]): Promise<void> {
    const columns = batch.map(({ evidence }) => columnsOf(evidence));
    const all = (column: keyof Columns) => columns.map((row) => row[column]);
    // One array for each column: twelve parameters instead of twelve for each row, which halves what the embedded database needs.
    await sql`
      insert into audit_entries
        (log, index, time, kind, principal, credential, model, version, address, outcome, code, request_id)
      select ${this.#logName}, *
      from unnest(
        ${batch.map(({ index }) => index)}::bigint[], ${batch.map(({ timeMs }) => Math.round(timeMs))}::bigint[],
        ${all("kind")}::text[], ${all("principal")}::text[], ${all("credential")}::text[], ${all("model")}::text[],
        ${all("version")}::text[], ${all("address")}::text[], ${all("outcome")}::text[], ${all("code")}::text[],
        ${all("request_id")}::text[]
      )
      on conflict (log, index) do nothing
    `.execute(this.#store.tables<Tables>());
  }
}
