import { existsSync } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { setFlagsFromString } from "node:v8";
import { Kysely, PostgresDialect } from "kysely";
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from "kysely";
import { startLite } from "./lite-thread.node.ts";
import { openLite } from "./lite.node.ts";
import type { Lite } from "./lite.node.ts";
import type { OpenDatabase } from "./store.ts";
import { unpackDatabase } from "./unpack.node.ts";

/**
 * PostgreSQL inside this process, on this thread or on one of its own. `dataDir` undefined keeps everything in memory. A data folder
 * that does not exist yet is unpacked from the empty database that the build made: `initdb` in WebAssembly takes seconds and 0.9 GB,
 * unpacking a fraction of one.
 */
export async function openPglite(dataDir: string | undefined, ownThread: boolean): Promise<OpenDatabase> {
  const fresh = dataDir === undefined || !existsSync(`${dataDir}/PG_VERSION`);
  const empty = fresh ? await emptyDatabase() : undefined;
  if (dataDir !== undefined && empty !== undefined) await unpackDatabase(empty, dataDir);
  else if (dataDir !== undefined) await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!ownThread) compileOnce();
  const open = ownThread ? startLite : openLite;
  const lite = await open({ dataDir, empty: dataDir === undefined ? empty : undefined });
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool: onePlacePool(lite) }) });
  if (dataDir === undefined || fresh) return { db };
  return { db, keepCopy: () => writeCopy(lite, dataDir) };
}

/**
 * A command asks a few questions and ends: what V8 would spend on compiling PostgreSQL a second time, optimised, it never earns back. Without it
 * `keys list` takes half the processor time and two thirds of the memory. The flags hold for the process; a service, whose database has a thread
 * of its own, is left as it is.
 */
function compileOnce(): void {
  for (const flag of ["--liftoff-only", "--no-wasm-tier-up", "--no-wasm-dynamic-tiering"]) setFlagsFromString(flag);
}

/** The whole database as one archive beside its folder, durable before the promise settles. */
async function writeCopy(lite: Lite, dataDir: string): Promise<string> {
  const file = `${dataDir}.before-upgrade-${new Date().toISOString().replaceAll(/[:.]/g, "-")}.tar.gz`;
  const dump = await lite.dump();
  const handle = await open(file, "wx", 0o600);
  try {
    await handle.writeFile(dump);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return file;
}

/** Where the build leaves the empty database; the sources' twin under `dist/` when we run from the sources. */
export const emptyDatabaseFile: URL = new URL(
  "./empty-database.tar.gz",
  import.meta.url.replace(/\/src\/(?=base\/store\/[^/]*$)/, "/dist/"),
);

async function emptyDatabase(): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    return new Uint8Array(await readFile(emptyDatabaseFile));
  } catch {
    return undefined; // not built: PGlite runs initdb instead
  }
}

/** PGlite is one connection: a pool of one place, so that a transaction has it alone from BEGIN to COMMIT. */
function onePlacePool(lite: Lite): PostgresPool {
  let last: Promise<void> = Promise.resolve();
  return {
    async connect() {
      const before = last;
      let release = (): void => {};
      last = new Promise((resolve) => (release = resolve));
      await before;
      return client(lite, release);
    },
    async end() {
      await last;
      await lite.close();
    },
  };
}

function client(lite: Lite, release: () => void): PostgresPoolClient {
  return {
    async query(text: unknown, parameters?: readonly unknown[]) {
      const result = await lite.query(text as string, parameters ?? []);
      const command = (text as string).trimStart().slice(0, 6).toUpperCase();
      return { command, rowCount: result.affectedRows ?? result.rows.length, rows: result.rows } as PostgresQueryResult<never>;
    },
    release,
  } as unknown as PostgresPoolClient; // Kysely also knows cursors, which nothing here asks for
}
