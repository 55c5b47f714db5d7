import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createMemoryEvidence } from "../../src/base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../src/base/log/index.ts";
import { systemClock, systemRandom } from "../../src/base/port/index.ts";
import { openStore } from "../../src/base/store/index.node.ts";
import { accessConfig, accessMigrations, createAccess } from "../../src/guard/access/index.ts";
import type { Access } from "../../src/guard/access/index.ts";
import { keyLaws } from "../contracts/access.ts";
import { anywhere, by } from "../helpers/access.ts";
import { startPostgres } from "../helpers/postgres.ts";
import type { Postgres } from "../helpers/postgres.ts";

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

keyLaws("PostgreSQL", async (migrations) => openStore({ url: await postgres.database(), migrations }));

/** A replica: its own connections, its own memory. */
async function replica(url: string, refreshMs: number): Promise<Access & { end(): Promise<void> }> {
  const store = await openStore({ url, migrations: accessMigrations });
  const access = await createAccess({
    store,
    config: accessConfig.parse({ keys: { refreshMs } }),
    evidence: createMemoryEvidence(),
    clock: systemClock,
    random: systemRandom,
    log: silentLogger,
    meter: silentMeter,
  });
  return {
    ...access,
    async end() {
      await access.close();
      await store.close();
    },
  };
}

describe("replicas over one PostgreSQL", () => {
  it("refuse a key that another revoked, without being asked to look", async () => {
    const url = await postgres.database();
    const refreshMs = 200;
    const [a, b] = [await replica(url, refreshMs), await replica(url, refreshMs)];
    const { id, key } = await a.keys.create({ principal: "alice", role: "caller" }, by);
    const good = async (at: Access) => (await at.authenticate(`Bearer ${key}`, anywhere)).ok;
    await until(() => good(b));
    await a.keys.revoke(id, "leaked", by);
    expect(await good(a)).toBe(false);
    await until(async () => !(await good(b)));
    await Promise.all([a.end(), b.end()]);
  });

  it("stand in one order: of many changes at once from three replicas none is lost and none is done twice", async () => {
    const url = await postgres.database();
    const replicas = await Promise.all([1, 2, 3].map(() => replica(url, 100)));
    const { id } = await replicas[0]!.keys.create({ principal: "alice", role: "caller" }, by);
    const rotations = await Promise.allSettled(replicas.map((at) => at.keys.rotate(id, {}, by)));
    expect(rotations.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const made = await Promise.all(
      Array.from({ length: 30 }, (_, i) =>
        replicas[i % 3]!.keys.create({ principal: "bob", role: "caller", groups: [`g${i}`] }, by),
      ),
    );
    for (const access of replicas) {
      await access.refresh();
      for (const { key } of made) {
        const answer = await access.authenticate(`Bearer ${key}`, anywhere);
        expect(answer).toMatchObject({ ok: true, caller: { groups: expect.objectContaining({ length: 30 }) as string[] } });
      }
    }
    await Promise.all(replicas.map((at) => at.end()));
  });
});

async function until(met: () => Promise<boolean>): Promise<void> {
  for (const deadlineMs = performance.now() + 60_000; performance.now() < deadlineMs; await sleep(10)) if (await met()) return;
  throw new Error("it did not come to pass within a minute");
}
