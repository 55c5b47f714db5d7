import { describe, expect, it } from "vitest";
import { openStore } from "../../src/base/store/index.node.ts";
import { accessMigrations } from "../../src/guard/access/index.ts";
import { auditMigrations } from "../../src/guard/audit/index.ts";
import { by, openWorld } from "../helpers/access.ts";
import { answered, openLog } from "../helpers/audit.ts";
import { createMemoryDisk } from "../helpers/memory-disk.ts";

describe("keys and the audit log over one embedded database", () => {
  it("changes keys while the log is busy, and every change is in the log", async () => {
    const shared = await openStore({ migrations: [...accessMigrations, ...auditMigrations] });
    const log = await openLog(createMemoryDisk(), { store: shared, settings: { gatherMs: 2 } });
    const world = await openWorld(shared, { evidence: log });
    const noise = Array.from({ length: 500 }, (_, n) => log.append(answered(n)));
    const made = await Promise.all(
      Array.from({ length: 20 }, () => world.access.keys.create({ principal: "alice", role: "caller" }, by)),
    );
    await Promise.all([...noise, ...made.map(({ id }) => world.access.keys.revoke(id, "x", by))]);
    const kinds = (await log.search({ principal: "local", limit: 100 })).map(({ evidence }) => evidence.kind);
    expect(kinds.filter((kind) => kind === "key.created")).toHaveLength(20);
    expect(kinds.filter((kind) => kind === "key.revoked")).toHaveLength(20);
    await log.close();
    await world.close();
    await shared.close();
  });
});
