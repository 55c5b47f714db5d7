import { expect, it } from "vitest";
import { openLog } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { silentLogger, silentMeter } from "../../base/log/index.ts";
import { systemClock, systemRandom } from "../../base/port/index.ts";
import { openStore } from "../../base/store/index.node.ts";
import { accessConfig, accessMigrations, createAccess } from "../../guard/access/index.ts";
import { createFirewall, firewallConfig, firewallMigrations } from "../../guard/firewall/index.ts";
import { reconcile } from "./reconcile.ts";

it("what shut somebody out comes back from the log when the database lost it, once, and nothing else does", async () => {
  const store = await openStore({ migrations: [...accessMigrations, ...firewallMigrations] });
  const audit = await openLog(createMemoryDisk());
  const common = { store, evidence: audit, clock: systemClock, random: systemRandom, log: silentLogger, meter: silentMeter };
  const access = await createAccess({ ...common, config: accessConfig.parse({}) });
  const open = () => createFirewall({ ...common, config: firewallConfig.parse({}) });
  const firewall = await open();
  const olga = { principal: "olga" };
  const revoked = await access.keys.create({ principal: "alice", role: "caller" }, olga);
  const kept = await access.keys.create({ principal: "bob", role: "caller" }, olga);
  await access.keys.revoke(revoked.id, "leaked", olga);
  await firewall.bans.set({ target: "198.51.100.0/24", reason: "scraper" }, olga);
  await firewall.bans.set({ target: "203.0.113.9", reason: "short", seconds: 3600 }, olga);
  const lifted = await firewall.bans.set({ target: "mallory", kind: "principal", reason: "leaver" }, olga);
  await firewall.bans.lift(lifted.id, olga);
  await firewall.close();
  const parts = { audit, access, log: silentLogger, nowMs: systemClock.now() };

  const intact = await open();
  expect(await reconcile({ ...parts, firewall: intact })).toBe(0);
  await intact.close();

  // The database as a power cut leaves it: without its last changes.
  const db = store.tables<{ access_keys: { id: string; revoked_ms: number | null }; firewall_bans: object }>();
  await db.updateTable("access_keys").set({ revoked_ms: null }).where("id", "=", revoked.id).execute();
  await db.deleteFrom("firewall_bans").execute();
  const bare = await open();
  expect(await reconcile({ ...parts, firewall: bare })).toBe(3);
  expect((await access.keys.get(revoked.id)).state).toBe("revoked");
  expect((await access.keys.get(kept.id)).state).toBe("active");
  expect(bare.bans.list().map(({ target, untilMs }) => [target, untilMs === null])).toEqual(
    expect.arrayContaining([
      ["198.51.100.0/24", true],
      ["203.0.113.9", false],
    ]),
  );
  expect(bare.bans.list()).toHaveLength(2);
  expect(bare.admit("198.51.100.1").ok).toBe(false);
  expect(await reconcile({ ...parts, firewall: bare })).toBe(0);
  await bare.bans.lift("198.51.100.0/24", olga);
  expect(await reconcile({ ...parts, firewall: bare })).toBe(0);
  for (const service of [bare, access, audit, store]) await service.close();
});
