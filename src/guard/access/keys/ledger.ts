import { sql } from "kysely";
import type { Kysely, Transaction } from "kysely";
import type { Evidence, EvidenceSink } from "../../../base/evidence/index.ts";
import type { Store } from "../../../base/store/index.ts";
import type { AccessTables, KeyRow, PrincipalRow } from "../tables.ts";

export type Trx = Transaction<AccessTables>;

/** What a change did: the rows as they now are, and the evidence of it. */
export interface Changed {
  readonly principals?: readonly PrincipalRow[];
  readonly keys?: readonly KeyRow[];
  readonly evidence: readonly Evidence[];
}

/**
 * The tables, changed one transaction at a time.
 *
 * INVARIANT: every change first raises `access_state.revision`, whose row lock holds until commit. So changes of all replicas
 * stand in one order, each sees all before it, and whoever has read up to revision n can never miss one below n.
 */
export class Ledger {
  readonly #db: Kysely<AccessTables>;
  readonly #evidence: EvidenceSink;

  constructor(store: Store, evidence: EvidenceSink) {
    this.#db = store.tables<AccessTables>();
    this.#evidence = evidence;
  }

  /**
   * Runs one change. Its evidence is durable before the commit: a key that works is always in the log, and one that is in the log
   * and does not work was followed by an entry saying that it failed.
   */
  async change<T extends Changed>(work: (trx: Trx, revision: number) => Promise<T>): Promise<T> {
    const appended: Evidence[] = [];
    try {
      return await this.#db.transaction().execute(async (trx) => {
        const { revision } = await trx
          .updateTable("access_state")
          .set({ revision: sql<number>`revision + 1` })
          .returning("revision")
          .executeTakeFirstOrThrow();
        const changed = await work(trx, revision);
        for (const entry of changed.evidence) {
          await this.#evidence.append(entry);
          appended.push(entry);
        }
        return changed;
      });
    } catch (error) {
      // What cannot be recorded either is still thrown as what it was.
      for (const entry of appended) await this.#evidence.append({ ...entry, outcome: "failed" }).catch(() => {});
      throw error;
    }
  }

  /** Rows changed after `revision`, and the revision they bring the reader to. From 0: all that a fresh reader needs. */
  async since(
    revision: number,
    forgetBeforeMs: number,
  ): Promise<{ revision: number; principals: PrincipalRow[]; keys: KeyRow[] }> {
    const state = await this.#db.selectFrom("access_state").select("revision").executeTakeFirstOrThrow();
    if (state.revision === revision) return { revision, principals: [], keys: [] };
    // Keys before principals: a key is never seen without the groups that its principal was put into with it. A change that commits
    // between these queries is read now and once more next time, which does no harm.
    let query = this.#db.selectFrom("access_keys").selectAll().where("revision", ">", revision);
    if (revision === 0) {
      query = query.where(sql<boolean>`coalesce(revoked_ms, expires_ms, ${forgetBeforeMs}) >= ${forgetBeforeMs}`);
    }
    const keys = await query.execute();
    const principals = await this.#db.selectFrom("access_principals").selectAll().where("revision", ">", revision).execute();
    return { revision: state.revision, principals, keys };
  }

  /** Keys with their principals, newest first. */
  async list(filter: { readonly principal?: string; readonly liveAtMs?: number; readonly id?: string }): Promise<JoinedKey[]> {
    let query = joinedKeys(this.#db).orderBy("k.created_ms", "desc").orderBy("k.id");
    if (filter.id !== undefined) query = query.where("k.id", "=", filter.id);
    if (filter.principal !== undefined) query = query.where("k.principal", "=", filter.principal);
    if (filter.liveAtMs !== undefined) query = query.where(live(filter.liveAtMs));
    return await query.execute();
  }

  async principals(): Promise<PrincipalRow[]> {
    return await this.#db.selectFrom("access_principals").selectAll().orderBy("name").execute();
  }

  /** Notes last uses, one statement for all of them. */
  async noteUses(uses: ReadonlyMap<string, number>): Promise<void> {
    const rows = sql.join([...uses].map(([id, atMs]) => sql`(${id}::text, ${atMs}::bigint)`));
    await sql`update access_keys k set last_used_ms = u.at_ms from (values ${rows}) as u (id, at_ms)
      where k.id = u.id and coalesce(k.last_used_ms, 0) < u.at_ms`.execute(this.#db);
  }
}

export type JoinedKey = KeyRow & Pick<PrincipalRow, "kind" | "groups">;

/** Keys with what their principals add. */
export function joinedKeys(db: Kysely<AccessTables>) {
  return db
    .selectFrom("access_keys as k")
    .innerJoin("access_principals as p", "p.name", "k.principal")
    .selectAll("k")
    .select(["p.kind", "p.groups"]);
}

/** Every key that works at that time, as this transaction sees them. */
export async function liveKeys(trx: Trx, nowMs: number): Promise<JoinedKey[]> {
  return await joinedKeys(trx).where(live(nowMs)).execute();
}

function live(nowMs: number) {
  return sql<boolean>`k.revoked_ms is null and (k.expires_ms is null or k.expires_ms > ${nowMs})`;
}
