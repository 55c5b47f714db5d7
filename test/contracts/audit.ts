import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { answered, openLog } from "../helpers/audit.ts";
import { createMemoryDisk } from "../helpers/memory-disk.ts";
import type { Migration, Store } from "../../src/base/store/index.ts";
import { auditMigrations } from "../../src/guard/audit/index.ts";
import type { AuditLog, AuditQuery } from "../../src/guard/audit/index.ts";

/** What the index in the store promises on every database. */
export function indexLaws(name: string, open: (migrations: readonly Migration[]) => Promise<Store>): void {
  let store: Store;
  beforeAll(async () => {
    store = await open(auditMigrations);
  }, 120_000);
  afterAll(() => store.close());

  interface Tables {
    audit_index: { log: string; entries: number };
    audit_blocks: { log: string; block: number };
    audit_terms: { log: string; field: string; value: string };
  }
  /** How many entries the index has seen. */
  const indexed = async (log: AuditLog): Promise<number> => {
    const row = await store
      .tables<Tables>()
      .selectFrom("audit_index")
      .select("entries")
      .where("log", "=", log.origin)
      .executeTakeFirst();
    return Number(row?.entries ?? 0);
  };
  const all = (log: AuditLog, query: AuditQuery = {}) => log.search({ limit: 1000, ...query });

  describe(`the index in ${name}`, () => {
    it("finds what a scan of the log finds, for every kind of question", async () => {
      const disk = createMemoryDisk();
      const indexed = await openLog(disk, { store });
      for (let n = 0; n < 40; n++)
        await indexed.append(answered(n, n % 4 === 0 ? { outcome: "limited", code: "x/y" as never } : {}));
      const questions: AuditQuery[] = [
        {},
        { principal: "alice" },
        { principal: "nobody" },
        { credential: "mk_1" },
        { model: "digits", version: "1" },
        { address: "192.0.2.13" },
        { outcome: "limited" },
        { code: "x/y", principal: "bob" },
        { requestId: "request-20" },
        { kind: "inference.answered", before: 12, limit: 5 },
        { fromMs: 0, toMs: Date.now() * 2 },
        { toMs: 0 },
      ];
      const found = [];
      for (const question of questions) found.push(await all(indexed, question));
      await indexed.close();
      const scanned = await openLog(disk);
      for (const [i, question] of questions.entries())
        expect(await all(scanned, question), JSON.stringify(question)).toEqual(found[i]);
      expect(found.map((entries) => entries.length)).toEqual([40, 14, 0, 13, 40, 1, 10, 6, 1, 5, 40, 0]);
      await scanned.close();
    });

    it("finds what a scan finds across many blocks, page by page, the newest first", async () => {
      const disk = createMemoryDisk();
      const log = await openLog(disk, { store });
      const who = (n: number) => ({ actor: { principal: n % 300 === 7 ? "rare" : "often", address: "192.0.2.1" } });
      for (let from = 0; from < 20_000; from += 1_000)
        await Promise.all(Array.from({ length: 1_000 }, (_, n) => log.append(answered(from + n, who(from + n)))));
      const rare = Array.from({ length: 20_000 }, (_, n) => n).filter((n) => n % 300 === 7);
      expect((await all(log, { principal: "rare" })).map(({ index }) => index)).toEqual(rare.toReversed());
      const middle = await all(log, { principal: "rare", before: 10_000, limit: 5 });
      expect(middle.map(({ index }) => index)).toEqual(
        rare
          .filter((n) => n < 10_000)
          .toReversed()
          .slice(0, 5),
      );
      expect((await all(log, { requestId: "request-3" })).map(({ index }) => index)).toEqual([3]);
      await log.close();
    }, 120_000);

    it("catches up with entries that were written while there was no store, and is built again on demand", async () => {
      const disk = createMemoryDisk();
      const without = await openLog(disk);
      await Promise.all(Array.from({ length: 700 }, (_, n) => without.append(answered(n))));
      await without.close();
      const log = await openLog(disk, { store });
      await log.flush();
      expect(await indexed(log)).toBe(700);
      for (const table of ["audit_terms", "audit_blocks"] as const)
        await store.tables<Tables>().deleteFrom(table).where("log", "=", log.origin).execute();
      expect(await all(log)).toEqual([]);
      await log.rebuildIndex();
      expect(await indexed(log)).toBe(700);
      expect((await all(log)).map(({ index }) => index)).toEqual(Array.from({ length: 700 }, (_, n) => 699 - n));
      await log.close();
    });

    it("cannot make up an entry: what a search returns is read from the log", async () => {
      const log = await openLog(createMemoryDisk(), { store });
      await log.append(answered(1));
      await log.flush();
      await store
        .tables<Tables>()
        .updateTable("audit_terms")
        .set({ value: "mallory" })
        .where("log", "=", log.origin)
        .where("field", "=", "principal")
        .execute();
      expect(await all(log, { principal: "mallory" })).toEqual([]);
      await log.close();
    });

    it("keeps the logs of several replicas apart", async () => {
      const [a, b] = [await openLog(createMemoryDisk(), { store }), await openLog(createMemoryDisk(), { store })];
      await a.append(answered(1));
      await b.append(answered(2));
      expect((await all(a)).map(({ evidence }) => evidence.requestId)).toEqual(["request-1"]);
      expect((await all(b)).map(({ evidence }) => evidence.requestId)).toEqual(["request-2"]);
      await Promise.all([a.close(), b.close()]);
    });

    it("remembers that the log was longer, and the log says so", async () => {
      const disk = createMemoryDisk();
      const log = await openLog(disk, { store });
      await Promise.all([0, 1, 2].map((n) => log.append(answered(n))));
      await log.close();
      const saved = new Map<string, Uint8Array>();
      for (const path of ["log/checkpoint", "log/tile/0/000.p/3", "log/tile/entries/000.p/3"])
        saved.set(path, (await disk.read(path))!);
      const longer = await openLog(disk, { store });
      await Promise.all([3, 4].map((n) => longer.append(answered(n))));
      await longer.close();
      for (const path of ["log/tile/0/000.p/5", "log/tile/entries/000.p/5", "log/checkpoint"]) await disk.remove(path);
      for (const [path, bytes] of saved) {
        const [, folder] = /^(.*)\/[^/]+$/.exec(path)!;
        if (folder !== "log") await disk.makeFolder(folder!);
        const file = await disk.open(path);
        await file.append(bytes);
      }
      const back = await openLog(disk, { store });
      const [told] = await all(back, { kind: "log.shorter-than-index" });
      expect(told!.evidence).toMatchObject({ outcome: "failed", detail: { indexedEntries: 5, entries: 3 } });
      expect(await indexed(back)).toBe(4);
      await back.close();
    });

    it("takes text that a database cannot hold", async () => {
      const log = await openLog(createMemoryDisk(), { store });
      await log.append(answered(0, { requestId: "a\u0000b\ud800", actor: { principal: "p".repeat(1000) } }));
      expect(await all(log, { requestId: "a\u0000b\ud800" })).toHaveLength(1);
      expect(await all(log, { principal: "p".repeat(1000) })).toHaveLength(1);
      await log.close();
    });

    it("is not needed: when it fails, the log itself is searched", async () => {
      const broken = {
        ...store,
        tables: () => {
          throw new Error("gone");
        },
      } as never;
      const disk = createMemoryDisk();
      const log = await openLog(disk);
      await log.append(answered(0));
      await log.close();
      const withBroken = await openLog(disk, { store: broken });
      expect(await all(withBroken)).toHaveLength(1);
      await withBroken.close();
    });
  });
}
