import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sql } from "kysely";
import type { Migration, Store } from "../../src/base/store/index.ts";

interface Tables {
  law_counter: { id: string; n: number; body: string | null };
}

const first: Migration = {
  id: "law/0001-counter",
  up: "create table law_counter (id text primary key, n bigint not null, body jsonb);\ncreate index law_counter_n on law_counter (n);\n",
};

/** What every database behind the Store port promises; run on PGlite in `npm test` and on PostgreSQL in `test:integration`. */
export function storeLaws(name: string, open: (migrations: readonly Migration[]) => Promise<Store>): void {
  describe(`store on ${name}`, () => {
    let store: Store;
    beforeAll(async () => {
      store = await open([first]);
      await store.tables<Tables>().deleteFrom("law_counter").execute();
    });
    afterAll(() => store.close());

    it("reads bigint columns as numbers and jsonb as values", async () => {
      const db = store.tables<Tables>();
      const row = { id: "types", n: Number.MAX_SAFE_INTEGER, body: JSON.stringify({ a: [1, "x"] }) };
      await db.insertInto("law_counter").values(row).execute();
      const back = await db.selectFrom("law_counter").selectAll().where("id", "=", "types").executeTakeFirstOrThrow();
      expect(back).toEqual({ id: "types", n: Number.MAX_SAFE_INTEGER, body: { a: [1, "x"] } });
    });

    it("counts the rows that an update touched", async () => {
      const db = store.tables<Tables>();
      await db.insertInto("law_counter").values({ id: "touch", n: 1, body: null }).execute();
      const hit = await db.updateTable("law_counter").set({ n: 2 }).where("id", "=", "touch").executeTakeFirst();
      const miss = await db.updateTable("law_counter").set({ n: 2 }).where("id", "=", "nobody").executeTakeFirst();
      expect([Number(hit.numUpdatedRows), Number(miss.numUpdatedRows)]).toEqual([1, 0]);
    });

    it("undoes a transaction that throws and keeps concurrent ones apart", async () => {
      const db = store.tables<Tables>();
      await db.insertInto("law_counter").values({ id: "race", n: 0, body: null }).execute();
      await expect(
        db.transaction().execute(async (trx) => {
          await trx.updateTable("law_counter").set({ n: 99 }).where("id", "=", "race").execute();
          throw new Error("undo");
        }),
      ).rejects.toThrow("undo");
      const bump = () =>
        db.transaction().execute(async (trx) => {
          const row = await trx
            .selectFrom("law_counter")
            .select("n")
            .where("id", "=", "race")
            .forUpdate()
            .executeTakeFirstOrThrow();
          await trx
            .updateTable("law_counter")
            .set({ n: row.n + 1 })
            .where("id", "=", "race")
            .execute();
        });
      await Promise.all(Array.from({ length: 16 }, bump));
      const row = await db.selectFrom("law_counter").select("n").where("id", "=", "race").executeTakeFirstOrThrow();
      expect(row.n).toBe(16);
    });
  });

  describe(`schema steps on ${name}`, () => {
    it("apply once, and again without harm", async () => {
      const again = await open([first]);
      await again.close();
    });

    it("are all undone when one of them is refused, and the error names it", async () => {
      const good: Migration = { id: "law/0002-good", up: "create table law_half (id int);" };
      const bad: Migration = { id: "law/0003-bad", up: "create table law_half_b (id nosuchtype);" };
      await expect(open([first, good, bad])).rejects.toMatchObject({
        code: "store/migration-failed",
        message: expect.stringContaining("law/0003-bad"),
      });
      const store = await open([first]);
      const found = await sql<{ t: string | null }>`select to_regclass('law_half')::text as t`.execute(store.tables());
      expect(found.rows[0]?.t).toBeNull();
      await store.close();
    });

    it("of a newer program are refused, and nothing is changed", async () => {
      const extra: Migration = { id: "law/0009-newer", up: "create table law_newer (id int);" };
      await (await open([first, extra])).close();
      await expect(open([first])).rejects.toMatchObject({ code: "store/newer" });
      const store = await open([first, extra]);
      await sql`drop table law_newer`.execute(store.tables());
      await sql`delete from modelkeep_schema where id = 'law/0009-newer'`.execute(store.tables());
      await store.close();
    });
  });
}
