import { Kysely, PostgresDialect } from "kysely";
import type { Pool } from "pg";
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import type { OpenDatabase } from "./store.ts";

/** Connects to PostgreSQL 15 or later. `bigint` columns arrive as numbers, as they do from PGlite: all of ours are counts and milliseconds. */
export async function openPostgres(url: string, maxConnections: number): Promise<OpenDatabase> {
  const { default: pg } = await import("pg").catch((cause: unknown) => {
    throw new ModelkeepError("store/missing-driver", {
      message: "the PostgreSQL driver is not installed",
      hint: "npm install pg",
      cause,
    });
  });
  const int8 = 20; // its oid
  const pool = new pg.Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 10_000,
    application_name: "modelkeep",
    types: { getTypeParser: (oid, format) => (oid === int8 ? Number : pg.types.getTypeParser(oid, format)) },
  });
  // A connection that the server closes must not end the process: an idle one speaks through the pool, one in use for itself and with
  // nobody listening while no query is under way. The next query on it fails; the pool then lets it go and opens another.
  pool.on("error", () => {});
  pool.on("connect", (client) => client.on("error", () => {}));
  await probe(pool, url);
  return { db: new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) }) };
}

async function probe(pool: Pool, url: string): Promise<void> {
  try {
    await pool.query("select 1");
  } catch (cause) {
    await pool.end();
    throw new ModelkeepError("store/unreachable", {
      message: `PostgreSQL at ${quote(withoutSecret(url))} does not answer: ${quote((cause as Error).message)}`,
      hint: "check `store.url`, that the server runs, and that this machine may connect to it",
      cause,
    });
  }
}

function withoutSecret(url: string): string {
  try {
    const parsed = new URL(url);
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
  } catch {
    return "an address that is not a URL";
  }
}
