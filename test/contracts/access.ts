import { sql } from "kysely";
import type { KyselyPlugin } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { EvidenceSink } from "../../src/base/evidence/index.ts";
import type { Migration, Store } from "../../src/base/store/index.ts";
import { accessMigrations, keyPattern, looksLikeKey } from "../../src/guard/access/index.ts";
import type { KeyRequest, NewKey } from "../../src/guard/access/index.ts";
import { anywhere, by, callerFor, openWorld, whoIs } from "../helpers/access.ts";
import type { World, WorldOptions } from "../helpers/access.ts";

const day = 86_400_000;

/** What keys promise over every store; run on PGlite in `npm test` and on PostgreSQL in `test:integration`. */
export function keyLaws(name: string, open: (migrations: readonly Migration[]) => Promise<Store>): void {
  describe(`keys on ${name}`, () => {
    let store: Store;
    let world: World;
    beforeAll(async () => {
      store = await open(accessMigrations);
    });
    afterAll(() => store.close());
    afterEach(() => world.close());

    async function given(options: WorldOptions = {}): Promise<World> {
      world = await openWorld(store, options);
      return world;
    }
    async function make(request: Partial<KeyRequest> = {}): Promise<NewKey> {
      return await world.access.keys.create({ principal: "alice", role: "caller", ...request }, by);
    }
    const code = (code: string) => expect.objectContaining({ code });

    it("shows a key once: neither lists, tables, evidence nor errors hold the secret or let it be guessed", async () => {
      const { access } = await given();
      const { key, id } = await make({ expiresInMs: day, from: ["10.0.0.0/8"] });
      expect(key).toMatch(keyPattern);
      expect(looksLikeKey(key)).toBe(true);
      const secret = key.slice(id.length + 1);
      const tables = store.tables<Record<string, never>>();
      const rows = await sql`select row_to_json(k)::text as r from access_keys k`.execute(tables);
      const refusal = await access.keys.revoke(key.replace(id, "mk_aaaaaaaaaaaa"), "x", by).catch((error: unknown) => error);
      const everywhere = JSON.stringify([
        await access.keys.list(),
        await access.keys.get(id),
        rows.rows,
        world.evidence,
        refusal,
      ]);
      expect(everywhere).toContain(id);
      for (let from = 0; from + 8 <= secret.length; from++) expect(everywhere).not.toContain(secret.slice(from, from + 8));
    });

    it("lets a key in until the moment it expires", async () => {
      const { access } = await given();
      const { key } = await make({ expiresInMs: 90 * day });
      await world.pass(90 * day - 1);
      expect(await whoIs(access, key)).toMatchObject({ principal: "alice", roles: ["caller"], kind: "api-key" });
      await world.pass(1);
      expect(await whoIs(access, key)).toBe("access/expired-credential");
    });

    it("lets a key in from its networks only, also when IPv4 comes dressed as IPv6", async () => {
      const { access } = await given();
      const { key, from } = await make({ from: ["2001:DB8::/32", "10.0.0.0/8", "::ffff:192.0.2.0/120", "10.0.0.0/8"] });
      expect(from).toEqual(["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"]);
      for (const address of ["10.255.0.1", "192.0.2.9", "2001:db8:5::1"]) {
        expect(await whoIs(access, key, address)).toMatchObject({ principal: "alice" });
      }
      for (const address of ["11.0.0.1", "192.0.3.1", "2001:db9::1", "not an address", ""]) {
        expect(await whoIs(access, key, address)).toBe("access/foreign-network");
      }
    });

    it("ends a revoked key before the promise settles, and says no more than `bad` to its holder", async () => {
      const { access } = await given();
      const { id, key } = await make();
      expect(await whoIs(access, key)).toMatchObject({ credential: id });
      const revoked = await access.keys.revoke(id, "found on a train", by);
      expect(await whoIs(access, key)).toBe("access/bad-credential");
      expect(revoked).toMatchObject({ state: "revoked", reason: "found on a train" });
      expect(await access.keys.revoke(id, "again", by)).toMatchObject({ state: "revoked", reason: "found on a train" });
      expect(world.evidence.filter(({ kind }) => kind === "key.revoked")).toHaveLength(1);
      expect(await access.keys.list()).toEqual([]);
      expect(await access.keys.list({ ended: true })).toHaveLength(1);
    });

    it("takes a leaked key in the place of its id, which is all that its finder may have", async () => {
      const { access } = await given();
      const { id, key } = await make();
      expect(await access.keys.revoke(key, "on a public forge", by)).toMatchObject({ id, state: "revoked" });
    });

    it("keeps a rotated key valid for the overlap and starts its lifetime anew", async () => {
      const { access, clock } = await given();
      const old = await make({ expiresInMs: 10 * day, models: ["digits"], from: ["198.51.100.0/24"] });
      await world.pass(9 * day);
      const next = await access.keys.rotate(old.id, { overlapMs: 60_000 }, by);
      expect(next).toMatchObject({ principal: "alice", role: "caller", models: ["digits"], from: ["198.51.100.0/24"] });
      expect(Date.parse(next.expiresAt!)).toBe(clock.now() + 10 * day);
      expect(await access.keys.get(old.id)).toMatchObject({ state: "replaced", replacedBy: next.id });
      await world.pass(59_999);
      expect(await whoIs(access, old.key)).toMatchObject({ credential: old.id });
      expect(await whoIs(access, next.key)).toMatchObject({ credential: next.id });
      await world.pass(1);
      expect(await whoIs(access, old.key)).toBe("access/expired-credential");
      expect(await whoIs(access, next.key)).toMatchObject({ credential: next.id });
    });

    it("never lengthens a key's life by rotating it, and ends it at once when the overlap is 0", async () => {
      const { access } = await given();
      const old = await make({ expiresInMs: 1000 });
      await access.keys.rotate(old.id, { overlapMs: day }, by);
      await world.pass(1000);
      expect(await whoIs(access, old.key)).toBe("access/expired-credential");
      const other = await make();
      await access.keys.rotate(other.id, { overlapMs: 0 }, by);
      expect(await whoIs(access, other.key)).toBe("access/expired-credential");
    });

    it("gives one successor when two rotate the same key at once", async () => {
      const { access } = await given();
      const second = await world.another();
      const old = await make();
      await second.refresh();
      const results = await Promise.allSettled([access, second, access].map((at) => at.keys.rotate(old.id, {}, by)));
      const made = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      const refused = results.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
      expect(made).toHaveLength(1);
      expect(refused).toEqual([code("access/key-replaced"), code("access/key-replaced")]);
      expect(refused[0]).toMatchObject({ hint: expect.stringContaining(made[0]!.id) as string });
      expect((await access.keys.list()).filter(({ state }) => state === "active")).toHaveLength(1);
    });

    it("reads what other processes change: new keys, revocations, rotations, groups", async () => {
      const { access } = await given();
      const second = await world.another();
      const { id, key } = await make({ groups: ["blue"] });
      expect(await whoIs(second, key)).toBe("access/bad-credential");
      await second.refresh();
      expect(await whoIs(second, key)).toMatchObject({ credential: id, groups: ["blue"] });
      await access.principals.setGroups("alice", ["red"], by);
      await second.refresh();
      expect(await whoIs(second, key)).toMatchObject({ groups: ["red"] });
      await access.keys.revoke(id, "gone", by);
      await second.refresh();
      expect(await whoIs(second, key)).toBe("access/bad-credential");
    });

    it("has every change in the evidence before it takes effect, with who ordered it", async () => {
      const { access } = await given();
      const { id } = await make({ groups: ["blue"], models: ["digits"] });
      await access.keys.change(id, { models: null }, by);
      const next = await access.keys.rotate(id, { overlapMs: 5 }, by);
      await access.keys.revoke(next.id, "done", by);
      expect(world.evidence.map(({ kind, subject }) => [kind, subject?.id])).toEqual([
        ["policy.loaded", "set"],
        ["principal.created", "alice"],
        ["key.created", id],
        ["key.changed", id],
        ["key.rotated", next.id],
        ["key.revoked", next.id],
      ]);
      for (const entry of world.evidence.slice(1)) expect(entry).toMatchObject({ outcome: "done", actor: by });
    });

    it("changes nothing when the log does not take the evidence", async () => {
      const { access } = await given();
      const { id, key } = await make();
      world.breakLog();
      const before = await access.keys.list({ ended: true });
      await expect(make({ principal: "bob" })).rejects.toThrow("no space left");
      await expect(access.keys.revoke(id, "x", by)).rejects.toThrow("no space left");
      await expect(access.keys.rotate(id, {}, by)).rejects.toThrow("no space left");
      await expect(access.principals.setGroups("alice", ["x"], by)).rejects.toThrow("no space left");
      expect(await access.keys.list({ ended: true })).toEqual(before);
      expect((await access.principals.list()).map(({ name }) => name)).toEqual(["alice"]);
      expect(await whoIs(access, key)).toMatchObject({ credential: id, groups: [] });
    });

    it("says in the log that a change failed when only a part of its evidence was taken", async () => {
      const refusing: EvidenceSink = {
        append: (entry) =>
          entry.kind === "key.created" ? Promise.reject(new Error("the log is full")) : Promise.resolve({ index: 0 }),
      };
      await given({ evidence: refusing });
      await expect(make({ groups: ["blue"] })).rejects.toThrow("the log is full");
      expect(world.evidence.slice(1).map(({ kind, outcome }) => [kind, outcome])).toEqual([
        ["principal.created", "done"],
        ["principal.created", "failed"],
      ]);
      expect(await world.access.principals.list()).toEqual([]);
    });

    it("notes the last use coarsely and writes it down when it closes", async () => {
      const { access, clock } = await given();
      const { id, key } = await make();
      await world.pass(day);
      await whoIs(access, key);
      const firstMs = clock.now();
      await world.pass(1000);
      await whoIs(access, key);
      expect((await access.keys.get(id)).lastUsedAt).toBe(new Date(firstMs).toISOString());
      await world.close();
      world = await openWorld(store, { keep: true, clock });
      expect((await world.access.keys.get(id)).lastUsedAt).toBe(new Date(firstMs).toISOString());
      await world.pass(300_000);
      await whoIs(world.access, key);
      expect((await world.access.keys.list())[0]?.lastUsedAt).toBe(new Date(clock.now()).toISOString());
    });

    it("finds keys again after a restart", async () => {
      const { clock } = await given();
      const { key } = await make({ models: ["digits"], groups: ["b", "a"] });
      await world.close();
      world = await openWorld(store, { keep: true, clock });
      expect(await whoIs(world.access, key)).toMatchObject({ models: ["digits"], groups: ["a", "b"] });
    });

    it("confines, widens and re-dates a live key", async () => {
      const { access } = await given();
      const { id, key } = await make();
      await access.keys.change(id, { models: ["digits"], from: ["10.0.0.0/8"], expiresInMs: day }, by);
      expect(await whoIs(access, key)).toBe("access/foreign-network");
      expect(await whoIs(access, key, "10.0.0.1")).toMatchObject({ models: ["digits"] });
      await access.keys.change(id, { models: null, from: null }, by);
      expect(await callerFor(access, key)).not.toHaveProperty("models");
      await world.pass(day);
      await expect(access.keys.change(id, { expiresInMs: null }, by)).rejects.toEqual(code("access/key-ended"));
    });

    it.for<[string, Partial<KeyRequest>, string, string]>([
      ["a typo in the role", { role: "caler" }, "access/unknown-role", "did you mean `caller`?"],
      ["a role of nobody", { role: "zebra" }, "access/unknown-role", "the roles are admin, auditor, caller, operator"],
      ["a name with a line break", { principal: "alice\nroot" }, "access/bad-name", "use letters, digits"],
      ["a name with a terminal escape", { principal: "\u001b[2J" }, "access/bad-name", "use letters, digits"],
      ["a name with a quote", { groups: ['x" || true'] }, "access/bad-name", "use letters, digits"],
      ["a model that is a path", { models: ["../etc/passwd"] }, "access/bad-name", "use letters, digits"],
      ["a network with bits behind its prefix", { from: ["10.1.2.3/8"] }, "net/bad-network", "10.0.0.0/8"],
      ["a network that is none", { from: ["office"] }, "net/bad-network", "write it like"],
      ["no networks at all", { from: [] }, "access/bad-name", "leave it out"],
      ["no models at all", { models: [] }, "access/bad-name", "leave it out"],
      ["a lifetime of nothing", { expiresInMs: 0 }, "access/bad-lifetime", "give at least 1 ms"],
      ["a lifetime that is no number", { expiresInMs: Number.NaN }, "access/bad-lifetime", "give at least 1 ms"],
    ])("refuses %s with a hint, and makes nothing", async ([, request, want, hint]) => {
      const { access } = await given();
      await expect(make(request)).rejects.toMatchObject({ code: want, hint: expect.stringContaining(hint) as string });
      expect(await access.keys.list()).toEqual([]);
      expect(await access.principals.list()).toEqual([]);
    });

    it("gives a successor no longer life than the configuration allows by now", async () => {
      const { clock } = await given();
      const old = await make({ principal: "root", role: "admin" });
      await world.close();
      world = await openWorld(store, { keep: true, clock, config: { keys: { maxLifetimeMs: day } } });
      const next = await world.access.keys.rotate(old.id, {}, by);
      expect(Date.parse(next.expiresAt!)).toBe(clock.now() + day);
    });

    it("holds keys to the longest lifetime that the configuration allows", async () => {
      await given({ config: { keys: { maxLifetimeMs: day } } });
      await expect(make()).rejects.toEqual(code("access/bad-lifetime"));
      await expect(make({ expiresInMs: day + 1 })).rejects.toEqual(code("access/bad-lifetime"));
      expect((await make({ expiresInMs: day })).state).toBe("active");
    });

    it("keeps people and services apart and joins groups", async () => {
      const { access } = await given();
      const first = await make({ principal: "ci", kind: "service", groups: ["builders"] });
      await make({ principal: "ci", groups: ["testers"] });
      expect(await access.principals.list()).toMatchObject([{ name: "ci", kind: "service", groups: ["builders", "testers"] }]);
      expect(await whoIs(access, first.key)).toMatchObject({ groups: ["builders", "testers"], principalKind: "service" });
      await expect(make({ principal: "ci", kind: "person" })).rejects.toEqual(code("access/principal-differs"));
      await expect(access.principals.setGroups("cy", [], by)).rejects.toMatchObject({
        code: "access/unknown-principal",
        hint: "did you mean `ci`?",
      });
    });

    describe("the last admin", () => {
      const admin = (request: Partial<KeyRequest> = {}) => make({ principal: "root", role: "admin", ...request });

      it("cannot revoke, scope or shorten the only key that manages keys", async () => {
        const { access } = await given();
        const { id, key } = await admin({ expiresInMs: 90 * day });
        for (const attempt of [
          () => access.keys.revoke(id, "x", by),
          () => access.keys.change(id, { models: ["digits"] }, by),
          () => access.keys.change(id, { expiresInMs: day }, by),
        ]) {
          await expect(attempt()).rejects.toMatchObject({
            code: "access/last-admin",
            hint: expect.stringContaining("keys create") as string,
          });
        }
        expect(await whoIs(access, key)).toMatchObject({ credential: id });
        expect(world.evidence.map(({ kind }) => kind)).not.toContain("key.revoked");
      });

      it("may rotate, prolong, or narrow its networks", async () => {
        const { access } = await given();
        const { id } = await admin({ expiresInMs: day });
        await access.keys.change(id, { from: ["10.0.0.0/8"] }, by);
        await access.keys.change(id, { expiresInMs: 2 * day }, by);
        const next = await access.keys.rotate(id, { overlapMs: day }, by);
        await access.keys.revoke(id, "the old one may go", by);
        await expect(access.keys.revoke(next.id, "x", by)).rejects.toEqual(code("access/last-admin"));
      });

      it("is not the one whose key is expired, replaced or scoped", async () => {
        const { access } = await given();
        const last = await admin();
        await admin({ expiresInMs: 1000 });
        const rotated = await admin();
        const successor = await access.keys.rotate(rotated.id, { overlapMs: day }, by);
        await access.keys.revoke(successor.id, "x", by);
        await admin({ models: ["digits"] });
        await world.pass(1000);
        await expect(access.keys.revoke(last.id, "x", by)).rejects.toEqual(code("access/last-admin"));
      });

      it("is still one when two revoke the last two at once", async () => {
        const { access } = await given();
        const second = await world.another();
        const keys = [await admin(), await admin({ principal: "eve" })];
        const results = await Promise.allSettled([
          access.keys.revoke(keys[0]!.id, "x", by),
          second.keys.revoke(keys[1]!.id, "x", by),
        ]);
        expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
        expect(await access.keys.list()).toHaveLength(1);
      });

      it("does not keep callers, and keys that manage nothing, from being revoked", async () => {
        const { access } = await given();
        await admin();
        const { id } = await make();
        expect(await access.keys.revoke(id, "x", by)).toMatchObject({ state: "revoked" });
      });
    });

    it("answers from memory: bad keys by the thousand put no query to the database", async () => {
      await given();
      const { key } = await make();
      await world.close();
      const queries: string[] = [];
      const counting: Store = { ...store, tables: <T>() => store.tables<T>().withPlugin(countingPlugin(queries)) };
      world = await openWorld(counting, { keep: true });
      queries.length = 0;
      const forged = Array.from({ length: 2000 }, (_, i) => key.slice(0, -4) + String(1000 + i));
      for (const wrong of forged)
        expect(world.access.authenticate(`Bearer ${wrong}`, anywhere)).toEqual({ ok: false, code: "access/bad-credential" });
      expect(world.access.authenticate(`Bearer ${key}`, anywhere)).toMatchObject({ ok: true });
      expect(queries).toEqual([]);
    });
  });
}

function countingPlugin(queries: string[]): KyselyPlugin {
  return {
    transformQuery({ node }) {
      queries.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  };
}
