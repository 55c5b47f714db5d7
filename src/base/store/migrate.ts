import type { Kysely } from "kysely";
import { sql } from "kysely";
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";
import type { Migration } from "./store.ts";

interface Applied {
  modelkeep_schema: { id: string; applied_ms: number };
}

// Any two replicas that start at once must agree on one lock; the number only has to be ours ("modelkee" in ASCII).
const lockKey = "7885630523898651493";

/**
 * Brings the schema up to `migrations`, all steps in one transaction: either every step is there afterwards or none is.
 * Running it again, or from two replicas at once, is harmless.
 *
 * @throws `store/newer` when the database holds steps that this program does not know.
 * @throws `store/migration-failed` with the step's id when its SQL is refused.
 */
export async function migrate(db: Kysely<unknown>, migrations: readonly Migration[], nowMs: number): Promise<void> {
  const typed = db as Kysely<unknown> as Kysely<Applied>;
  await typed.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${sql.raw(lockKey)})`.execute(trx);
    await sql`create table if not exists modelkeep_schema (id text primary key, applied_ms bigint not null)`.execute(trx);
    const applied = new Set((await trx.selectFrom("modelkeep_schema").select("id").execute()).map((row) => row.id));
    refuseNewer(applied, migrations);
    for (const step of inOrder(migrations)) {
      if (applied.has(step.id)) continue;
      await apply(trx, step);
      await trx.insertInto("modelkeep_schema").values({ id: step.id, applied_ms: nowMs }).execute();
    }
  });
}

/** True when some steps were applied before and others are still to come: the state is about to be upgraded. */
export async function isOlder(db: Kysely<unknown>, migrations: readonly Migration[]): Promise<boolean> {
  const found = await sql<{ there: boolean }>`select to_regclass('modelkeep_schema') is not null as there`.execute(db);
  if (found.rows[0]?.there !== true) return false;
  const typed = db as Kysely<unknown> as Kysely<Applied>;
  const applied = new Set((await typed.selectFrom("modelkeep_schema").select("id").execute()).map((row) => row.id));
  return applied.size > 0 && migrations.some((step) => !applied.has(step.id));
}

function refuseNewer(applied: ReadonlySet<string>, migrations: readonly Migration[]): void {
  const known = new Set<string>(migrations.map((step) => step.id));
  const unknown = [...applied].find((id) => !known.has(id));
  if (unknown === undefined) return;
  throw new ModelkeepError("store/newer", {
    message: `the state holds schema step ${quote(unknown)}, which this program does not know`,
    hint: "it was written by a newer Modelkeep: run that version, or restore the copy it made before it upgraded",
  });
}

async function apply(db: Kysely<Applied>, step: Migration): Promise<void> {
  // Both drivers take one statement per prepared query; the splitter below is enough for DDL without function bodies.
  for (const statement of step.up.split(/;\s*(?:\n|$)/)) {
    if (statement.trim() === "") continue;
    try {
      await sql.raw(statement).execute(db);
    } catch (cause) {
      throw new ModelkeepError("store/migration-failed", {
        message: `schema step ${quote(step.id)} did not apply: ${quote((cause as Error).message)}`,
        hint: "nothing was changed; report this with the database's version",
        cause,
      });
    }
  }
}

function inOrder(migrations: readonly Migration[]): Migration[] {
  return migrations.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
