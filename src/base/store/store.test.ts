import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { storeLaws } from "../../../test/contracts/store.ts";
import { openStore } from "./index.node.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-store-"));
afterAll(() => rm(dir, { recursive: true, force: true }));

// One place, opened and closed in turn: the embedded database is never opened twice at once.
storeLaws("PGlite", async (migrations) => {
  await previous?.close();
  previous = await openStore({ dataDir: join(dir, "db"), migrations });
  return previous;
});
storeLaws("PGlite on a thread of its own", async (migrations) => {
  await previous?.close();
  previous = await openStore({ dataDir: join(dir, "db-thread"), migrations, ownThread: true });
  return previous;
});
let previous: Awaited<ReturnType<typeof openStore>> | undefined;

describe("an embedded database", () => {
  it("lies in a folder that only its owner can enter", async () => {
    await (await openStore({ dataDir: join(dir, "private"), migrations: [] })).close();
    expect((await stat(join(dir, "private"))).mode & 0o777).toBe(0o700);
  });
});

describe("an embedded database whose first start was cut off", () => {
  it("is made anew, and what was no database yet is set aside, not removed", async () => {
    const dataDir = join(dir, "cut");
    await mkdir(join(dataDir, "base"), { recursive: true });
    await mkdir(join(`${dataDir}.unpacking`, "global"), { recursive: true });
    await writeFile(join(dataDir, "base", "half"), "of a file");
    const store = await openStore({ dataDir, migrations: [{ id: "law/0001-a", up: "create table cut_a (id int);" }] });
    expect(await store.tables<{ cut_a: { id: number } }>().selectFrom("cut_a").selectAll().execute()).toEqual([]);
    await store.close();
    const beside = (await readdir(dir)).filter((name) => name.startsWith("cut.")).map((name) => join(dir, name));
    expect(beside).toEqual([expect.stringMatching(/cut\.incomplete-[-\dTZ]+$/)]);
    expect(await readFile(join(beside[0]!, "base", "half"), "utf8")).toBe("of a file");
  });
});

describe("an embedded database that an older program wrote", () => {
  const first = { id: "law/0001-a" as const, up: "create table upgrade_a (id int);" };
  const second = { id: "law/0002-b" as const, up: "create table upgrade_b (id int);" };
  const copies = async (): Promise<string[]> => (await readdir(dir)).filter((name) => name.startsWith("old.before-upgrade-"));

  it("is copied before its first new step, once, readable by its owner only", async () => {
    const open = (migrations: Parameters<typeof openStore>[0]["migrations"]) =>
      openStore({ dataDir: join(dir, "old"), migrations });
    await (await open([first])).close();
    await (await open([first])).close();
    expect(await copies()).toEqual([]);
    await (await open([first, second])).close();
    await (await open([first, second])).close();
    const [copy, ...more] = await copies();
    expect(more).toEqual([]);
    const { mode, size } = await stat(join(dir, copy!));
    expect(mode & 0o777).toBe(0o600);
    expect(size).toBeGreaterThan(100_000);
  });
});
