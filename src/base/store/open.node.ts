import type { Kysely } from "kysely";
import { isOlder, migrate } from "./migrate.ts";
import { openPglite } from "./pglite.node.ts";
import { openPostgres } from "./postgres.node.ts";
import type { Migration, Store } from "./store.ts";

export interface OpenStoreOptions {
  /** `postgres://…` for a server. */
  readonly url?: string | undefined;
  /** Folder of the embedded database; without it and without `url` the store lives in memory. */
  readonly dataDir?: string | undefined;
  /** Every room's schema steps. */
  readonly migrations: readonly Migration[];
  /** Largest number of server connections; 10. The embedded database has one. */
  readonly maxConnections?: number;
  /** Gives the embedded database a thread of its own, where this one must not wait for it; false. */
  readonly ownThread?: boolean;
}

/**
 * Opens the database and brings its schema up to date. An embedded database that an older program wrote is first copied to
 * `<dataDir>.before-upgrade-<time>.tar.gz`; of a PostgreSQL, keeping copies is its operator's.
 *
 * @throws `store/unreachable`, `store/newer`, `store/migration-failed`, `store/missing-driver`
 * @example
 * const store = await openStore({ migrations: accessMigrations });
 * await store.tables<AccessTables>().selectFrom("keys").selectAll().execute();
 * await store.close();
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { url, dataDir, migrations, maxConnections = 10, ownThread = false } = options;
  const { db, keepCopy } = url === undefined ? await openPglite(dataDir, ownThread) : await openPostgres(url, maxConnections);
  try {
    if (keepCopy !== undefined && (await isOlder(db, migrations))) await keepCopy();
    await migrate(db, migrations, Date.now());
  } catch (error) {
    await db.destroy();
    throw error;
  }
  let closed: Promise<void> | undefined;
  return {
    kind: url === undefined ? "pglite" : "postgres",
    tables: <Tables>() => db as Kysely<unknown> as Kysely<Tables>,
    close: () => (closed ??= db.destroy()),
  };
}
