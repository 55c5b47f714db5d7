import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { KyselyPlugin } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { by, anywhere, callerFor, openWorld } from "../../../test/helpers/access.ts";
import type { World, WorldOptions } from "../../../test/helpers/access.ts";
import { silentLogger } from "../../base/log/index.ts";
import { openStore } from "../../base/store/index.node.ts";
import type { Store } from "../../base/store/index.ts";
import { accessMigrations, actions } from "./index.ts";
import type { Action, Caller, KeyRequest, Resource } from "./index.ts";

let store: Store;
let world: World;
let dir: string;
beforeAll(async () => {
  store = await openStore({ migrations: accessMigrations });
});
afterAll(() => store.close());
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "modelkeep-policies-"));
});
afterEach(async () => {
  await world.close();
  await rm(dir, { recursive: true, force: true });
});

const digits: Resource = { type: "model", name: "digits" };
const service: Resource = { type: "service" };

/** Access with one policy file of the user's. */
async function given(policies?: string, options: WorldOptions & { readyRoles?: boolean } = {}): Promise<World> {
  const { readyRoles = true, ...rest } = options;
  if (policies !== undefined) await writePolicies(policies);
  const files = policies === undefined ? [] : ["team.cedar"];
  world = await openWorld(store, { baseDir: dir, config: { policies: { files, readyRoles } }, ...rest });
  return world;
}
const writePolicies = (text: string) => writeFile(join(dir, "team.cedar"), text);

async function caller(request: Partial<KeyRequest> = {}, address = anywhere): Promise<Caller> {
  const { key } = await world.access.keys.create({ principal: "alice", role: "caller", ...request }, by);
  return await callerFor(world.access, key, address);
}
function may(who: Caller, action: Action, resource: Resource = digits, address = anywhere): boolean {
  return world.access.authorize(who, action, resource, { address }).allowed;
}

describe("the ready roles", () => {
  it("allow what their files say, and nothing else", async () => {
    await given();
    const rows = await world.access.policies.test({ models: ["digits"] });
    const allowed = (role: string) =>
      rows.filter((row) => row.role === role && row.allowed).map(({ action, resource }) => `${action} ${resource}`);
    expect(allowed("caller")).toEqual(["infer digits", "readMetadata digits", "readServer service"]);
    expect(allowed("operator")).toEqual([
      "readMetadata digits",
      "readServer service",
      "readMetrics service",
      "readConfig service",
      "readBans service",
      "manageModels digits",
      "manageModels service",
      "manageBans service",
    ]);
    expect(allowed("auditor")).toEqual([
      "readMetadata digits",
      ...actions.filter((action) => action.startsWith("read") && action !== "readMetadata").map((action) => `${action} service`),
    ]);
    expect(allowed("admin")).toHaveLength(actions.length + 1); // manageModels both on a model and on the service
  });

  it("reach no further than the models of the key, whatever the role", async () => {
    await given();
    const scoped = await caller({ models: ["digits"] });
    expect(may(scoped, "infer")).toBe(true);
    expect(may(scoped, "infer", { ...digits, version: "2" })).toBe(true);
    expect(may(scoped, "infer", { type: "model", name: "fraud" })).toBe(false);
    expect(may(scoped, "infer", { type: "model", name: "digits-2" })).toBe(false);
    expect(may(scoped, "readServer", service)).toBe(true);
    const admin = await caller({ principal: "root", role: "admin", models: ["digits"] });
    expect(may(admin, "manageModels")).toBe(true);
    for (const action of ["manageKeys", "managePolicies", "readAudit", "manageModels"] as const)
      expect(may(admin, action, service)).toBe(false);
  });

  it("can be left out, but the scope of a key cannot", async () => {
    await given("permit (principal, action, resource);", { readyRoles: false });
    expect(world.access.policies.roles).toEqual([]);
    await expect(caller()).rejects.toMatchObject({ code: "access/unknown-role" });
    await writePolicies('permit (principal, action, resource) when { principal in Role::"tester" };');
    await world.access.policies.reload(by);
    const scoped = await caller({ role: "tester", models: ["digits"] });
    expect([may(scoped, "infer"), may(scoped, "infer", { type: "model", name: "fraud" })]).toEqual([true, false]);
  });
});

describe("a decision", () => {
  it("names the policies that decided and the policy set, and says whether it was remembered", async () => {
    await given();
    const who = await caller();
    const { digest } = world.access.policies;
    const ask = () => world.access.authorize(who, "infer", digits, { address: anywhere });
    expect(ask()).toEqual({ allowed: true, policies: ["caller-models"], digest, cached: false });
    expect(ask()).toEqual({ allowed: true, policies: ["caller-models"], digest, cached: true });
  });

  it("on a model that does not exist looks like one on a model that is forbidden", async () => {
    await given();
    const who = await caller({ models: ["digits"] });
    const ask = (name: string) => world.access.authorize(who, "infer", { type: "model", name }, { address: anywhere });
    expect(ask("exists-and-is-forbidden")).toEqual(ask("does-not-exist"));
    const nobody: Caller = { ...who, roles: [], groups: [] };
    expect(world.access.authorize(nobody, "infer", digits, { address: anywhere })).toMatchObject({ allowed: false });
  });

  it.for(["../digits", "digits\u0000", "digits/1", 'x"::y', "", "a".repeat(65), "digits|1", "ди"])(
    "is no for a name that no model has: %j",
    async (name) => {
      await given("permit (principal, action, resource);");
      const who = await caller();
      expect(may(who, "infer", { type: "model", name })).toBe(false);
      expect(may(who, "infer", { type: "model", name: "digits", version: name })).toBe(false);
      expect(may(who, "infer", digits)).toBe(true);
    },
  );

  it("is no for an action or an address that is none", async () => {
    await given('permit (principal, action, resource) when { context.address.isInRange(ip("0.0.0.0/0")) };');
    const who = await caller({ role: "caller" });
    expect(may(who, "fly" as Action)).toBe(false);
    expect(may(who, "manageBans", service, "not an address")).toBe(false);
  });

  it("changes at once when the key's scope or the principal's groups change", async () => {
    await given('@id("no-red") forbid (principal in Group::"red", action, resource);');
    const { key, id } = await world.access.keys.create({ principal: "alice", role: "caller" }, by);
    const now = async () => may(await callerFor(world.access, key), "infer");
    expect(await now()).toBe(true);
    await world.access.principals.setGroups("alice", ["red"], by);
    expect(await now()).toBe(false);
    await world.access.principals.setGroups("alice", [], by);
    expect(await now()).toBe(true);
    await world.access.keys.change(id, { models: ["fraud"] }, by);
    expect(await now()).toBe(false);
  });

  it("depends on the address where a policy does, also from the memory", async () => {
    await given(
      '@id("office") forbid (principal, action == Action::"infer", resource) unless { context.address.isInRange(ip("10.0.0.0/8")) };',
    );
    const who = await caller();
    for (let round = 0; round < 3; round++) {
      expect(may(who, "infer", digits, "10.1.1.1")).toBe(true);
      expect(may(who, "infer", digits, "11.1.1.1")).toBe(false);
    }
    expect(world.access.authorize(who, "infer", digits, { address: "10.1.1.1" }).cached).toBe(true);
    expect(world.access.authorize(who, "readMetadata", digits, { address: "10.9.9.9" }).cached).toBe(false);
    expect(world.access.authorize(who, "readMetadata", digits, { address: "10.8.8.8" }).cached).toBe(true);
  });

  it("depends on the time where a policy does, to the millisecond", async () => {
    await given(
      '@id("ends") forbid (principal, action == Action::"infer", resource) when { context.time >= datetime("2023-11-14T22:13:21.000Z") };',
    );
    const who = await caller();
    world.clock.advance(999);
    expect(may(who, "infer")).toBe(true);
    world.clock.advance(1);
    expect(may(who, "infer")).toBe(false);
  });

  it("is no when any policy breaks, even a forbid that would have been skipped, and the log hears of it once", async () => {
    await given(
      '@id("broken") forbid (principal, action == Action::"infer", resource) when { principal.name == "alice" && 9223372036854775807 + 1 > 0 };',
    );
    const who = await caller();
    for (let round = 0; round < 3; round++) {
      const decision = world.access.authorize(who, "infer", digits, { address: anywhere });
      expect(decision).toMatchObject({ allowed: false, policies: ["broken"], errors: ["broken"] });
    }
    expect(may(await caller({ principal: "bob" }), "infer")).toBe(true);
    const told = world.evidence.filter(({ kind }) => kind === "policy.broke");
    expect(told).toMatchObject([
      { outcome: "failed", subject: { type: "policy", id: "broken", digest: world.access.policies.digest } },
    ]);
  });

  it("is not taken from memory for a caller that someone could have altered", async () => {
    await given();
    const who = await caller({ models: ["digits"] });
    const forged = { ...who, models: ["digits"] };
    expect(may(forged, "infer")).toBe(true);
    forged.models = ["fraud"];
    expect(may(forged, "infer")).toBe(false);
  });
});

describe("policies", () => {
  it("are reloaded as a whole, leaving evidence of the old and the new digest", async () => {
    await given("// none yet");
    const who = await caller();
    const before = world.access.policies.digest;
    expect(may(who, "infer")).toBe(true);
    await writePolicies('forbid (principal, action == Action::"infer", resource);');
    const { digest, changed } = await world.access.policies.reload(by);
    expect(changed).toBe(true);
    expect(world.access.policies.digest).toBe(digest);
    expect(may(who, "infer")).toBe(false);
    expect(world.evidence.at(-1)).toMatchObject({
      kind: "policy.loaded",
      actor: by,
      subject: { digest },
      detail: { replaces: before, files: expect.arrayContaining(["team.cedar"]) as string[] },
    });
    expect(await world.access.policies.reload(by)).toMatchObject({ changed: false });
  });

  it("stay as they were when the new ones are not valid, not readable or not recorded", async () => {
    await given("// none yet");
    const who = await caller();
    const { digest } = world.access.policies;
    await writePolicies('forbid (principal, action, resource);\npermit (principal, action == Action::"infr", resource);');
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({
      code: "access/policy-invalid",
      message: expect.stringContaining("team.cedar:2:") as string,
    });
    await rm(join(dir, "team.cedar"));
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({ code: "access/policy-unreadable" });
    await writePolicies('forbid (principal, action, resource == Service::"modelkeep") when { context.credential.id == "x" };');
    world.breakLog();
    await expect(world.access.policies.reload(by)).rejects.toThrow("no space left");
    expect(world.access.policies.digest).toBe(digest);
    expect(may(who, "infer")).toBe(true);
  });

  it("are announced to the log where requests will be answered, and not by a command that only looks", async () => {
    await given();
    expect(world.evidence).toMatchObject([{ kind: "policy.loaded", subject: { digest: world.access.policies.digest } }]);
    await world.close();
    await given(undefined, { announce: false });
    expect(world.evidence).toEqual([]);
  });

  it("are read from folders, in order of their names, and an empty folder is a mistake", async () => {
    await expect(openWorld(store, { baseDir: dir, config: { policies: { files: ["."] } } })).rejects.toMatchObject({
      code: "access/policy-unreadable",
      message: expect.stringContaining("the folder has no *.cedar file") as string,
    });
    await writeFile(join(dir, "b.cedar"), 'permit (principal in Role::"b", action, resource);');
    await writeFile(join(dir, "a.cedar"), 'permit (principal in Role::"a", action, resource);');
    await writeFile(join(dir, "notes.txt"), "not a policy");
    world = await openWorld(store, { baseDir: dir, config: { policies: { files: ["."], readyRoles: false } } });
    expect(world.access.policies.list().map(({ id }) => id)).toEqual(["credential-scope", "a.cedar:1", "b.cedar:1"]);
  });

  it("that are not valid UTF-8 or larger than 1 MiB are refused", async () => {
    for (const body of [Buffer.from([0x2f, 0x2f, 0xff]), Buffer.alloc(1_048_577, 0x20)]) {
      await writeFile(join(dir, "team.cedar"), body);
      const opening = openWorld(store, { baseDir: dir, config: { policies: { files: ["team.cedar"] } } });
      await expect(opening).rejects.toMatchObject({ code: "access/policy-unreadable" });
    }
    await given();
  });
});

describe("keys whose role no policy speaks of", () => {
  it("are warned of, when policies are reloaded and when the service starts", async () => {
    await given('permit (principal in Role::"trainer", action == Action::"infer", resource);');
    await caller({ role: "trainer" });
    await writePolicies("// no trainers any more");
    const warning = "no policy speaks of the role `trainer` of 1 live key";
    expect(await world.access.policies.reload(by)).toMatchObject({ warnings: [warning] });
    await world.close();
    const warned: unknown[] = [];
    await given("// none", { keep: true, log: { ...silentLogger, warn: (_, fields) => warned.push(fields?.["warning"]) } });
    expect(warned).toEqual([warning]);
  });
});

describe("nobody is locked out", () => {
  const admin = () => world.access.keys.create({ principal: "root", role: "admin" }, by);

  it("by a policy set under which no admin key can manage keys", async () => {
    await given("// none yet");
    const { key } = await admin();
    await writePolicies('@id("oops") forbid (principal, action == Action::"manageKeys", resource);');
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({ code: "access/last-admin" });
    await writePolicies(
      '@id("noon") forbid (principal, action, resource) unless { context.address.isInRange(ip("10.0.0.0/8")) };',
    );
    await world.access.policies.reload(by);
    expect(may(await callerFor(world.access, key, "10.0.0.1"), "manageKeys", service, "10.0.0.1")).toBe(true);
  });

  it("by starting with such a policy set", async () => {
    await given("// none yet");
    await admin();
    await world.close();
    await writePolicies("forbid (principal, action, resource);");
    await expect(given("forbid (principal, action, resource);", { keep: true })).rejects.toMatchObject({
      code: "access/last-admin",
    });
    await given("// none", { keep: true });
  });

  it("by a policy that asks for an address which the key does not hold from", async () => {
    await given("// none yet");
    await world.access.keys.create({ principal: "root", role: "admin", from: ["10.0.0.0/8"] }, by);
    const only = (network: string) =>
      `forbid (principal, action, resource) unless { context.address.isInRange(ip("${network}")) };`;
    await writePolicies(only("192.168.0.0/16"));
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({ code: "access/last-admin" });
    await writePolicies(only("10.1.2.0/24"));
    await world.access.policies.reload(by);
    // All of the key's network but its first half: the room left does not start where any literal does.
    await writePolicies('forbid (principal, action, resource) when { context.address.isInRange(ip("10.0.0.0/9")) };');
    await world.access.policies.reload(by);
    await writePolicies(
      'forbid (principal, action, resource) when { context.address.isInRange(ip("10.0.0.0/9")) || context.address.isInRange(ip("10.128.0.0/9")) };',
    );
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({ code: "access/last-admin" });
  });

  it("by office hours, though it is night", async () => {
    await given("// none yet");
    await admin();
    await writePolicies(
      'forbid (principal, action, resource) unless { context.time.toTime() >= duration("8h") && context.time.toTime() < duration("17h") };',
    );
    await expect(world.access.policies.reload(by)).resolves.toMatchObject({ changed: true }); // the test's clock says 22:13
    await writePolicies('forbid (principal, action, resource) when { context.time > datetime("2020-01-01") };');
    await expect(world.access.policies.reload(by)).rejects.toMatchObject({ code: "access/last-admin" });
  });

  it("by taking the last admin out of the group that made them one", async () => {
    await given('permit (principal in Group::"board", action, resource);', { readyRoles: true });
    const { id } = await world.access.keys.create({ principal: "ann", role: "caller", groups: ["board"] }, by);
    await expect(world.access.principals.setGroups("ann", ["choir"], by)).rejects.toMatchObject({ code: "access/last-admin" });
    await expect(world.access.keys.revoke(id, "x", by)).rejects.toMatchObject({ code: "access/last-admin" });
    await admin();
    await expect(world.access.principals.setGroups("ann", ["choir"], by)).resolves.toMatchObject({ groups: ["choir"] });
  });

  it("by a further key that puts the last admin into a group with no rights", async () => {
    await given('forbid (principal in Group::"interns", action, resource);');
    await admin();
    const joining = world.access.keys.create({ principal: "root", role: "caller", groups: ["interns"] }, by);
    await expect(joining).rejects.toMatchObject({ code: "access/last-admin" });
    expect(await world.access.principals.list()).toMatchObject([{ name: "root", groups: [] }]);
  });
});

describe("explain", () => {
  it("shows what decided, where it stands and what it says", async () => {
    await given(
      '// our rules\n@id("nights") forbid (principal, action, resource) when { context.time.toTime() > duration("22h") };',
    );
    const { id } = await world.access.keys.create({ principal: "alice", role: "caller", from: ["10.0.0.0/8"] }, by);
    const [night] = await world.access.policies.explain({
      principal: "alice",
      action: "infer",
      model: "digits",
      version: "2",
      address: "10.0.0.9",
    });
    expect(night).toMatchObject({
      caller: { credential: id },
      decision: { allowed: false, policies: ["nights"] },
      because: "forbidden by nights",
      policies: [{ id: "nights", effect: "forbid", at: "team.cedar:2", text: expect.stringContaining("duration") as string }],
    });
    expect(night!.entities).toContainEqual({
      uid: { type: "Version", id: "digits/2" },
      attrs: { version: "2" },
      parents: [{ type: "Model", id: "digits" }],
    });
    const timeMs = Date.parse("2026-01-01T12:00:00Z");
    const [noon] = await world.access.policies.explain({ credential: id, action: "infer", model: "digits", timeMs });
    expect(noon).toMatchObject({
      decision: { allowed: true },
      because: "permitted by caller-models",
      address: "10.0.0.0",
      undecided: [{ id: "credential-scope" }, { id: "nights" }],
    });
    const [abroad] = await world.access.policies.explain({
      credential: id,
      action: "infer",
      model: "digits",
      timeMs,
      address: "11.0.0.1",
    });
    expect(abroad).toMatchObject({
      decision: { allowed: false },
      because: "the key does not hold from 11.0.0.1, so no policy is asked",
    });
    const [odd] = await world.access.policies.explain({ credential: id, action: "infer", model: "../x", timeMs });
    expect(odd).toMatchObject({
      decision: { allowed: false },
      because: "no model or version has such a name, so no policy is asked",
    });
    const [audit] = await world.access.policies.explain({ credential: id, action: "readAudit", timeMs });
    expect(audit).toMatchObject({ decision: { allowed: false, policies: [] }, because: "no policy permits it" });
    await world.access.keys.revoke(id, "x", by);
    const [after] = await world.access.policies.explain({ credential: id, action: "infer", model: "digits", timeMs });
    expect(after).toMatchObject({ decision: { allowed: false }, because: "the key is revoked, so no policy is asked" });
  });

  it("helps with names that are none", async () => {
    await given();
    await caller();
    const explain = (question: Parameters<typeof world.access.policies.explain>[0]) => world.access.policies.explain(question);
    await expect(explain({ principal: "alcie", action: "infer" })).rejects.toMatchObject({ hint: "did you mean `alice`?" });
    await expect(explain({ principal: "alice", action: "infre" as Action })).rejects.toMatchObject({
      hint: "did you mean `infer`?",
    });
    await expect(explain({ credential: "mk_aaaaaaaaaaaa", action: "infer" })).rejects.toMatchObject({
      code: "access/unknown-key",
    });
    await expect(explain({ action: "infer" })).rejects.toMatchObject({ code: "access/unknown-principal" });
  });
});

describe("the table of permissions", () => {
  it("has a line for each sort of key, action and model, with what decided", async () => {
    await given();
    const key = await world.access.keys.create({ principal: "alice", role: "caller", models: ["digits"] }, by);
    const twin = await world.access.keys.create({ principal: "alice", role: "caller", models: ["digits"] }, by);
    const rows = await world.access.policies.test({
      models: ["digits", "fraud"],
      principals: ["alice"],
      actions: ["infer", "readServer"],
    });
    expect(rows.map(({ action, resource, allowed, policies }) => [action, resource, allowed, policies])).toEqual([
      ["infer", "digits", true, ["caller-models"]],
      ["infer", "fraud", false, ["credential-scope"]],
      ["readServer", "service", true, ["caller-server"]],
    ]);
    expect(new Set(rows[0]!.keys)).toEqual(new Set([key.id, twin.id]));
  });
});

describe("when the database is lost", () => {
  it("keys hold for a while, then nobody is let in, because a revocation could not be heard of", async () => {
    let lost = false;
    const plugin: KyselyPlugin = {
      transformQuery({ node }) {
        if (lost) throw new Error("the connection was lost");
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    const remote: Store = { ...store, kind: "postgres", tables: <T>() => store.tables<T>().withPlugin(plugin) };
    world = await openWorld(remote, { config: { keys: { refreshMs: 100, maxStalenessMs: 60_000 } } });
    const { key } = await world.access.keys.create({ principal: "alice", role: "caller" }, by);
    lost = true;
    world.clock.advance(60_000);
    expect(world.access.authenticate(`Bearer ${key}`, anywhere)).toMatchObject({ ok: true });
    world.clock.advance(1);
    expect(() => world.access.authenticate(`Bearer ${key}`, anywhere)).toThrow(
      expect.objectContaining({ code: "access/stale", status: 503 }),
    );
    lost = false;
    await world.access.refresh();
    expect(world.access.authenticate(`Bearer ${key}`, anywhere)).toMatchObject({ ok: true });
  });
});
