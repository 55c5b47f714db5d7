import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createFolderDisk } from "../../base/port/index.node.ts";
import { verifyLog } from "../../guard/audit/index.ts";
import { silentLogger } from "../../base/log/index.ts";
import { ensureFirstKey } from "./first-key.ts";
import { loadHostConfig } from "./load-config.ts";
import { openServices } from "./services.ts";

const cwd = await mkdtemp(join(tmpdir(), "modelkeep-first-"));
afterAll(() => rm(cwd, { recursive: true, force: true }));
const by = { principal: "local:tester" };
const open = async () => openServices(await loadHostConfig({ cwd, env: { HOME: cwd } }), silentLogger);

describe("the first key", () => {
  it("is made once, works, and lies where only the owner can read it", async () => {
    const { access, state, close } = await open();
    expect(await ensureFirstKey(access, state.firstKeyFile)).toBe(true);
    expect(await ensureFirstKey(access, state.firstKeyFile)).toBe(true);
    const keys = await access.keys.list();
    expect(keys.map(({ principal, role }) => [principal, role])).toEqual([["admin", "admin"]]);
    expect((await stat(state.firstKeyFile)).mode & 0o777).toBe(0o600);
    const key = (await readFile(state.firstKeyFile, "utf8")).trim();
    expect(await access.authenticate(`Bearer ${key}`, "127.0.0.1")).toMatchObject({ ok: true, caller: { principal: "admin" } });
    await close();
  });

  it("is no longer pointed at once it was revoked, and no second one is made", async () => {
    const { access, state, close } = await open();
    await access.keys.create({ principal: "root2", role: "admin" }, by);
    const [first] = await access.keys.list({ principal: "admin" });
    await access.keys.revoke(first!.id, "handed over", by);
    expect(await ensureFirstKey(access, state.firstKeyFile)).toBe(false);
    expect((await access.keys.list({ ended: true })).length).toBe(2);
    await close();
  });
});

describe("the services", () => {
  it("cannot be opened twice on one state folder, and a failed opening leaves it free", async () => {
    const first = await open();
    await expect(open()).rejects.toMatchObject({ code: "host/state-in-use" });
    await first.close();
    const broken = {
      ...(await loadHostConfig({
        cwd,
        env: { HOME: cwd, NO_DB: "postgres://127.0.0.1:1/x", MODELKEEP_STORE__URL: "env:NO_SUCH_VARIABLE" },
      })),
    };
    await expect(openServices(broken, silentLogger)).rejects.toMatchObject({ code: "config/bad-secret" });
    await (await open()).close();
  });
});

describe("the published copy of the log", () => {
  it("goes where the configuration says, and verifies there", async () => {
    const config = await loadHostConfig({
      cwd,
      env: { HOME: cwd, MODELKEEP_OBJECTS__FOLDER: "published", MODELKEEP_AUDIT__PUBLISH: "{}", MODELKEEP_STATE: "state2" },
    });
    const services = await openServices(config, silentLogger);
    await services.access.keys.create({ principal: "alice", role: "caller" }, by);
    const { verifierKey: key, origin } = services.audit;
    await services.close();
    const verdict = await verifyLog({ disk: createFolderDisk(join(cwd, "published", "audit", ...origin.split("/"))), key });
    expect(verdict).toMatchObject({ ok: true, size: services.audit.size });
  });

  it("is refused while there is no store to publish to, instead of silently not kept", async () => {
    const config = await loadHostConfig({ cwd, env: { HOME: cwd, MODELKEEP_AUDIT__PUBLISH: "{}", MODELKEEP_STATE: "state3" } });
    await expect(openServices(config, silentLogger)).rejects.toMatchObject({ code: "host/no-object-store", exit: 4 });
  });
});
