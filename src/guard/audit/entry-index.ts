/**
 * Where to find entries, in the store: a convenience that can be thrown away and built again from the log. It may hide an entry
 * when somebody tampers with it, never forge one: what a search returns is read from the log.
 *
 * It knows blocks of 256 entries (a bundle of the log), not entries: for each block the span of its times and the distinct values that
 * occur in it. That is a handful of rows for 256 entries, where a row for each entry with an index on each column cost as much
 * as the rest of the log. A search reads the few blocks that can hold an answer. Request ids differ in every entry, so they are no term:
 * they are found by reading.
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
    id: "audit/0001-blocks",
    up: `
      create table audit_index (log text primary key, entries bigint not null);
      create table audit_blocks (
        log text not null,
        block bigint not null,
        first_ms bigint not null,
        last_ms bigint not null,
        primary key (log, block)
      );
      create table audit_terms (
        log text not null,
        field text not null,
        value text not null,
        block bigint not null,
        primary key (log, field, value, block)
      );
    `,
  },
];

interface Tables {
  audit_index: { log: string; entries: number };
  audit_blocks: { log: string; block: number; first_ms: number; last_ms: number };
  audit_terms: { log: string; field: string; value: string; block: number };
}

/** Entries of a block: as many as a bundle of the log holds. */
export const blockEntries = 256;
/** Entries that go into the index at once. */
const batchEntries = 2048;
/** Blocks that a search asks for at once. */
const pageBlocks = 64;
/** Fresh entries kept in memory for the index; when it falls further behind, it reads them from the log. */
const maxFresh = 20_000;

type Term = Exclude<keyof Columns, "request_id">;

const terms: readonly Term[] = ["kind", "principal", "credential", "model", "version", "address", "outcome", "code"];

const blockOf = (index: number): number => Math.floor(index / blockEntries);

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
  /** Terms of the newest block that are in the store, so that they are not sent again with each batch. */
  #sent = { block: -1, terms: new Set<string>() };

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
    const row = await db.selectFrom("audit_index").select("entries").where("log", "=", this.#logName).executeTakeFirst();
    const seen = row === undefined ? 0 : Number(row.entries);
    this.#next = Math.min(seen, size);
    this.#started = true;
    if (seen > size) await this.#cut(size);
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
        if (batch.length > 0) await this.#insert(batch, upTo);
        this.#next = upTo;
      }
    });
  }

  /** Forgets everything and builds the index again from the log. */
  async rebuild(): Promise<void> {
    await this.#exclusive(async () => {
      await this.#cut(0);
      this.#next = 0;
      this.#fresh = [];
    });
    await this.pump();
    this.#log.info("audit index built again", { entries: this.#next });
  }

  /** First index and end of each block that may hold an entry that matches, newest first. */
  async *search(query: AuditQuery): AsyncGenerator<{ readonly from: number; readonly to: number }> {
    let below = Infinity;
    for (;;) {
      const page = await this.#page(query, below);
      for (const block of page) yield { from: block * blockEntries, to: (block + 1) * blockEntries };
      if (page.length < pageBlocks) return;
      below = page.at(-1)!;
    }
  }

  async #page(query: AuditQuery, below: number): Promise<number[]> {
    const before = Math.min(below, query.before === undefined ? Infinity : blockOf(Math.ceil(query.before) - 1) + 1);
    let select = this.#store
      .tables<Tables>()
      .selectFrom("audit_blocks as b")
      .select("b.block")
      .where("b.log", "=", this.#logName)
      .orderBy("b.block", "desc")
      .limit(pageBlocks);
    if (before !== Infinity) select = select.where("b.block", "<", before);
    if (query.fromMs !== undefined) select = select.where("b.last_ms", ">=", Math.ceil(query.fromMs));
    if (query.toMs !== undefined) select = select.where("b.first_ms", "<=", Math.floor(query.toMs));
    for (const [field, value] of fixedColumns(query)) {
      if (field === "request_id") continue;
      select = select.where((e) =>
        e.exists(
          e
            .selectFrom("audit_terms as t")
            .select("t.block")
            .whereRef("t.log", "=", "b.log")
            .whereRef("t.block", "=", "b.block")
            .where("t.field", "=", field)
            .where("t.value", "=", value),
        ),
      );
    }
    return (await select.execute()).map((row) => Number(row.block));
  }

  async #nextBatch(goal: number): Promise<{ batch: EvidenceEntry[]; upTo: number }> {
    const stale = this.#fresh.findIndex((entry) => entry.index >= this.#next);
    this.#fresh.splice(0, stale < 0 ? this.#fresh.length : stale);
    if (this.#fresh[0]?.index === this.#next) {
      const batch = this.#fresh.slice(0, batchEntries);
      return { batch, upTo: this.#next + batch.length };
    }
    const upTo = Math.min(goal, this.#next + batchEntries);
    const batch: EvidenceEntry[] = [];
    for await (const entry of this.#read(this.#next, upTo)) batch.push(entry);
    return { batch, upTo };
  }

  /** All or nothing: one statement brings terms, spans and the mark up to `upTo`. */
  async #insert(batch: readonly EvidenceEntry[], upTo: number): Promise<void> {
    const { found, spans } = this.#digest(batch);
    await sql`
      with terms as (
        insert into audit_terms (log, field, value, block)
        select ${this.#logName}, *
        from unnest(${found.map((term) => term.field)}::text[], ${found.map((term) => term.value)}::text[], ${found.map((term) => term.block)}::bigint[])
        on conflict do nothing
      ), spans as (
        insert into audit_blocks as b (log, block, first_ms, last_ms)
        select ${this.#logName}, *
        from unnest(${spans.map((span) => span.block)}::bigint[], ${spans.map((span) => span.firstMs)}::bigint[], ${spans.map((span) => span.lastMs)}::bigint[])
        on conflict (log, block) do update set first_ms = least(b.first_ms, excluded.first_ms), last_ms = greatest(b.last_ms, excluded.last_ms)
      )
      insert into audit_index as i (log, entries) values (${this.#logName}, ${upTo})
      on conflict (log) do update set entries = greatest(i.entries, excluded.entries)
    `.execute(this.#store.tables<Tables>());
    const newest = blockOf(upTo - 1);
    if (this.#sent.block !== newest) this.#sent = { block: newest, terms: new Set() };
    for (const { block, key } of found) if (block === newest) this.#sent.terms.add(key);
  }

  /** The distinct values of each block of a batch that are not in the store yet, and the span of its times. */
  #digest(batch: readonly EvidenceEntry[]): { found: FoundTerm[]; spans: Span[] } {
    const found = new Map<string, FoundTerm>();
    const spans = new Map<number, Span>();
    for (const { index, timeMs, evidence } of batch) {
      const block = blockOf(index);
      const atMs = Math.round(timeMs);
      const span = spans.get(block);
      if (span === undefined) spans.set(block, { block, firstMs: atMs, lastMs: atMs });
      else [span.firstMs, span.lastMs] = [Math.min(span.firstMs, atMs), Math.max(span.lastMs, atMs)];
      const columns = columnsOf(evidence);
      for (const field of terms) {
        const value = columns[field];
        if (value === null) continue;
        const key = `${field} ${value}`;
        if (this.#sent.block === block && this.#sent.terms.has(key)) continue;
        found.set(`${block} ${key}`, { field, value, block, key });
      }
    }
    return { found: [...found.values()], spans: [...spans.values()] };
  }

  /** Forgets what lies at or behind `size`. The block that `size` lies in keeps its terms: more than it needs, which only costs a look. */
  async #cut(size: number): Promise<void> {
    const firstGone = Math.ceil(size / blockEntries);
    await this.#store
      .tables<Tables>()
      .transaction()
      .execute(async (trx) => {
        await trx.deleteFrom("audit_terms").where("log", "=", this.#logName).where("block", ">=", firstGone).execute();
        await trx.deleteFrom("audit_blocks").where("log", "=", this.#logName).where("block", ">=", firstGone).execute();
        await trx.updateTable("audit_index").set({ entries: size }).where("log", "=", this.#logName).execute();
      });
    this.#sent = { block: -1, terms: new Set() };
  }
}

interface FoundTerm {
  readonly field: Term;
  readonly value: string;
  readonly block: number;
  /** Field and value as one: no field has a space. */
  readonly key: string;
}

interface Span {
  readonly block: number;
  firstMs: number;
  lastMs: number;
}
