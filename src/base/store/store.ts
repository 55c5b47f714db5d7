import type { Kysely } from "kysely";

/**
 * One step of the schema, contributed by the room that owns the tables. `id` is `room/0001-what`, applied once, in order of
 * `id` within a room. `up` is plain SQL that both PGlite and PostgreSQL take; several statements are fine.
 */
export interface Migration {
  readonly id: `${string}/${number}-${string}`;
  readonly up: string;
}

/** A SQL database: PGlite in the state folder, or PostgreSQL. Each room sees its own tables through {@link Store.tables}. */
export interface Store {
  readonly kind: "pglite" | "postgres";
  /** The query builder, typed with the caller's own tables. */
  tables<Tables>(): Kysely<Tables>;
  close(): Promise<void>;
}

/** A database before its schema is brought up to date. */
export interface OpenDatabase {
  readonly db: Kysely<unknown>;
  /** Keeps a copy of the state as it is and tells where; only where the state is ours alone to copy. */
  keepCopy?(): Promise<string>;
}
