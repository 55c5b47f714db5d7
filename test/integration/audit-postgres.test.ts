import { afterAll, beforeAll } from "vitest";
import { openStore } from "../../src/base/store/index.node.ts";
import { indexLaws } from "../contracts/audit.ts";
import { startPostgres } from "../helpers/postgres.ts";
import type { Postgres } from "../helpers/postgres.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

indexLaws("PostgreSQL", async (migrations) => openStore({ url: await postgres.database(), migrations }));
