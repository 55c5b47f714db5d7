import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createMemoryEvidence } from "../../src/base/evidence/index.ts";
import { silentLogger, silentMeter } from "../../src/base/log/index.ts";
import { createManualClock } from "../../src/base/port/index.ts";
import { openStore } from "../../src/base/store/index.node.ts";
import type { Store } from "../../src/base/store/index.ts";
import { createFirewall, firewallConfig, firewallMigrations, type Firewall } from "../../src/guard/firewall/index.ts";
import { startPostgres, type Postgres } from "../helpers/postgres.ts";

let postgres: Postgres;
let store: Store;
const clock = createManualClock();
const office = "203.0.113.7";
let logs = [createMemoryEvidence(), createMemoryEvidence()];
let open: Firewall[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  store = await openStore({ url: await postgres.database(), migrations: firewallMigrations });
});
afterAll(async () => {
  await store.close();
  await postgres.stop();
});

async function replicas(bans: object = {}): Promise<[Firewall, Firewall]> {
  const config = firewallConfig.parse({ bans: { pollMs: 60_000, ...bans } });
  const ports = { store, config, clock, log: silentLogger, meter: silentMeter };
  const pair: [Firewall, Firewall] = [
    await createFirewall({ ...ports, evidence: logs[0]! }),
    await createFirewall({ ...ports, evidence: logs[1]! }),
  ];
  open.push(...pair);
  return pair;
}

beforeEach(async () => {
  logs = [createMemoryEvidence(), createMemoryEvidence()];
  await store.tables<{ firewall_bans: object }>().deleteFrom("firewall_bans").execute();
});
afterEach(async () => {
  for (const firewall of open) await firewall.close();
  open = [];
});

/** What the gateway tells a client there that shows no credential. */
function stranger(firewall: Firewall): unknown {
  return firewall.charge({ address: office }, { requests: 1 });
}

function abuse(firewall: Firewall): void {
  for (let i = 0; i < 150; i++) firewall.observe({ address: office }, "protocol-abuse");
}

describe("bans on PostgreSQL", () => {
  it("hold on the other replica after its next poll, and so does their lifting", async () => {
    const [here, there] = await replicas();
    abuse(here);
    await here.sync();
    expect(stranger(there)).toEqual({ ok: true });
    await there.sync();
    expect(stranger(there)).toMatchObject({ ok: false, code: "firewall/banned" });
    expect(there.bans.list()).toEqual(here.bans.list());
    await there.bans.lift(office, { principal: "olga" });
    expect(stranger(here)).toMatchObject({ code: "firewall/banned" });
    await here.sync();
    expect(stranger(here)).not.toMatchObject({ code: "firewall/banned" });
  });

  it("reach the other replica by themselves within the stated time", async () => {
    const [here, there] = await replicas({ pollMs: 100 });
    await here.bans.set({ target: "mallory", kind: "principal", reason: "leaver" }, { principal: "olga" });
    const refused = () => there.charge({ address: office, principal: "mallory" }, { requests: 1 }).ok;
    await expect.poll(refused, { timeout: 60_000 }).toBe(false);
  });

  it("climb one ladder, whichever replica the client is sent to", async () => {
    const [here, there] = await replicas();
    abuse(here);
    await here.sync();
    await there.sync();
    clock.advance(61_000);
    await there.sync();
    abuse(there);
    expect(there.bans.list()).toMatchObject([{ level: 2 }]);
  });

  it("are entered as expired by one replica, not by each", async () => {
    const [here, there] = await replicas();
    abuse(here);
    await here.sync();
    await there.sync();
    clock.advance(61_000);
    await Promise.all([here.sync(), there.sync()]);
    const told = logs.flatMap(({ entries }) => entries.map(({ evidence }) => evidence.kind)).sort();
    expect(told).toEqual(["ban.expired", "ban.set"]);
  });

  it("set here are not lost to a poll that was under way", async () => {
    const [here] = await replicas();
    for (let i = 0; i < 30; i++) {
      const polling = here.sync();
      const ban = await here.bans.set({ target: `198.51.100.${i}`, reason: "test" }, { principal: "olga" });
      await polling;
      expect(here.bans.list().map(({ id }) => id)).toContain(ban.id);
    }
  });
});
