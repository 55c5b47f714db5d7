import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openStore } from "../../src/base/store/index.node.ts";
import type { Store } from "../../src/base/store/index.ts";
import { storeLaws } from "../contracts/store.ts";
import { startPostgres } from "../helpers/postgres.ts";
import type { Postgres } from "../helpers/postgres.ts";

let postgres: Postgres;
let url: string;
beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.database();
});
afterAll(() => postgres.stop());

storeLaws("PostgreSQL", (migrations) => openStore({ url, migrations }));

describe("PostgreSQL", () => {
  it("lets two replicas that start at once bring the schema up without treading on each other", async () => {
    const fresh = await postgres.database();
    const migrations = [{ id: "race/0001-table" as const, up: "create table race_table (id int primary key);" }];
    const stores = await Promise.all(Array.from({ length: 4 }, () => openStore({ url: fresh, migrations })));
    await Promise.all(stores.map((store) => store.close()));
  });

  it("that is not there is named without its password", async () => {
    const refused = openStore({ url: "postgres://app:hunter2@127.0.0.1:1/db", migrations: [] });
    await expect(refused).rejects.toMatchObject({ code: "store/unreachable" });
    await expect(refused).rejects.not.toThrow("hunter2");
  });

  it("that goes down fails queries and serves them again when it is back, without a restart of ours", async () => {
    const store: Store = await openStore({
      url: await postgres.database(),
      migrations: [{ id: "down/0001-t", up: "create table down_t (id int);" }],
    });
    const count = () => store.tables<{ down_t: { id: number } }>().selectFrom("down_t").selectAll().execute();
    expect(await count()).toEqual([]);
    await postgres.kill();
    await expect(count()).rejects.toThrow();
    await postgres.start();
    expect(await count()).toEqual([]);
    await store.close();
  });

  it("that goes down while a connection is in use ends what used it, not the process", async () => {
    const store: Store = await openStore({
      url: await postgres.database(),
      migrations: [{ id: "held/0001-t", up: "create table held_t (id int);" }],
    });
    const tables = store.tables<{ held_t: { id: number } }>();
    const held = tables.transaction().execute(async (transaction) => {
      await transaction.insertInto("held_t").values({ id: 1 }).execute();
      await postgres.kill(); // now the connection breaks with no query under way that could carry the error
      await transaction.insertInto("held_t").values({ id: 2 }).execute();
    });
    await expect(held).rejects.toThrow();
    await postgres.start();
    expect(await tables.selectFrom("held_t").selectAll().execute()).toEqual([]);
    await store.close();
  });
});
