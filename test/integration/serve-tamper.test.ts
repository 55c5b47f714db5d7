import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFolderDisk } from "../../src/base/port/index.node.ts";
import type { Disk } from "../../src/base/port/index.ts";
import { formatBundle, parseBundle } from "../../src/base/tlog/index.ts";
import { filesBelow, putFile } from "../helpers/audit.ts";
import { entriesOf, forge } from "../helpers/forge.ts";
import { infer, openHouse, type House, type Said } from "../helpers/keep.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const edit = (entry: Uint8Array, from: string, to: string): Uint8Array => {
  const before = new TextDecoder().decode(entry);
  expect(before).toContain(from);
  return bytes(before.replace(from, to));
};

let house: House;
/** The log as it was when its owner saved a checkpoint. */
let then: string;
let copies = 0;

beforeAll(async () => {
  house = openHouse({ config: { audit: { integrateMs: 50 } } });
  const keep = await house.serve();
  const ask = async (times: number): Promise<void> => {
    for (let i = 0; i < times; i += 10) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => infer(keep)));
      for (const answer of answers) expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(0);
    }
  };
  await ask(280);
  writeFileSync(house.path("old.txt"), house.cli("audit", "checkpoint").stdout);
  then = house.path("then");
  cpSync(join(house.stateDir, "audit"), then, { recursive: true });
  await ask(270);
  writeFileSync(house.path("saved.txt"), house.cli("audit", "checkpoint").stdout);
  writeFileSync(house.path("log.pub"), house.cli("audit", "checkpoint", "--public-key").stdout);
  expect((await keep.end()).code).toBe(0);
}, 180_000);
afterAll(() => house.close());

function copyOf(folder = join(house.stateDir, "audit")): { dir: string; disk: Disk } {
  const dir = house.path(`copy-${copies++}`);
  cpSync(folder, dir, { recursive: true });
  return { dir, disk: createFolderDisk(dir) };
}

const memory = (): string[] => ["--checkpoint", house.path("saved.txt"), "--key", house.path("log.pub")];
const verify = (dir: string, ...more: string[]): Said => house.cli("audit", "verify", "--dir", dir, "--json", ...more);

interface Tampering {
  readonly name: string;
  readonly tamper: (copy: { readonly dir: string; readonly disk: Disk }) => Promise<void>;
  /** Nothing in the files can tell. */
  readonly needsMemory?: true;
}

const bundle = "log/tile/entries/001";

const tamperings: readonly Tampering[] = [
  {
    name: "an entry is edited",
    async tamper({ disk }) {
      const entries = parseBundle((await disk.read(bundle))!);
      entries[10] = edit(entries[10]!, '"principal":"admin"', '"principal":"nobody"');
      await putFile(disk, bundle, formatBundle(entries));
    },
  },
  {
    name: "two entries change places",
    async tamper({ disk }) {
      const entries = parseBundle((await disk.read(bundle))!);
      [entries[7], entries[8]] = [entries[8]!, entries[7]!];
      await putFile(disk, bundle, formatBundle(entries));
    },
  },
  {
    name: "an entry is dropped",
    async tamper({ disk }) {
      const entries = parseBundle((await disk.read(bundle))!);
      await putFile(disk, bundle, formatBundle(entries.toSpliced(50, 1)));
    },
  },
  {
    name: "the log is cut short and signed again",
    tamper: async ({ disk }) => forge(disk, (await entriesOf(disk)).slice(0, -20)),
    needsMemory: true,
  },
  {
    name: "another history is signed",
    async tamper({ disk }) {
      const entries = await entriesOf(disk);
      entries[300] = edit(entries[300]!, '"principal":"admin"', '"principal":"eve"');
      await forge(disk, entries);
    },
    needsMemory: true,
  },
  {
    name: "entries are played in a second time",
    async tamper({ disk }) {
      const last = [...(await filesBelow(disk, "log/tile/entries"))].toSorted(([a], [b]) => (a < b ? -1 : 1)).at(-1)!;
      await putFile(
        disk,
        last[0],
        formatBundle([...parseBundle(last[1]), ...parseBundle((await disk.read(bundle))!).slice(0, 3)]),
      );
    },
  },
  {
    name: "the log of an earlier hour is put back",
    async tamper({ dir }) {
      rmSync(dir, { recursive: true });
      cpSync(then, dir, { recursive: true });
    },
    needsMemory: true,
  },
  {
    name: "two tiles change places",
    async tamper({ disk }) {
      const [a, b] = [await disk.read("log/tile/0/000"), await disk.read("log/tile/0/001")];
      await putFile(disk, "log/tile/0/000", b);
      await putFile(disk, "log/tile/0/001", a);
    },
  },
  {
    name: "the log is signed by another key",
    async tamper({ dir, disk }) {
      const stranger = openHouse();
      stranger.json("keys", "list");
      for (const file of ["signing.key", "signing.pub"]) cpSync(join(stranger.stateDir, "audit", file), join(dir, file));
      await stranger.close();
      await forge(disk, await entriesOf(disk));
    },
    needsMemory: true,
  },
  {
    name: "the log goes by another name",
    tamper: async ({ disk }) => forge(disk, await entriesOf(disk), "another.example/log"),
  },
  {
    name: "the checkpoint is an old one",
    async tamper({ dir }) {
      cpSync(house.path("old.txt"), join(dir, "log", "checkpoint"));
    },
  },
  {
    name: "there is a file that is not the log's",
    async tamper({ dir }) {
      writeFileSync(join(dir, "log", "tile", "0", "999"), "x");
    },
  },
];

describe("modelkeep audit verify", () => {
  it("passes an untouched copy, with the saved checkpoints and without", () => {
    const { dir } = copyOf();
    expect(verify(dir).status).toBe(0);
    const said = verify(dir, ...memory());
    expect(JSON.parse(said.stdout)).toMatchObject({ ok: true, firstBad: null });
    expect(said.status).toBe(0);
    expect(verify(dir, "--checkpoint", house.path("old.txt"), "--key", house.path("log.pub")).status).toBe(0);
    expect(verify(copyOf(then).dir, "--checkpoint", house.path("old.txt"), "--key", house.path("log.pub")).status).toBe(0);
  });

  it.for(tamperings)("exits 1 with a reason when $name", async ({ tamper, needsMemory }) => {
    const copy = copyOf();
    await tamper(copy);
    const alone = verify(copy.dir);
    if (needsMemory) {
      expect(alone.status).toBe(0);
      expect((JSON.parse(alone.stdout) as { cannotExclude: string[] }).cannotExclude.length).toBeGreaterThan(0);
    }
    const said = needsMemory ? verify(copy.dir, ...memory()) : alone;
    const verdict = JSON.parse(said.stdout) as { ok: boolean; reasons: string[]; size: number; root: string };
    expect(said.status).toBe(1);
    expect(verdict.ok).toBe(false);
    expect(verdict.reasons.length).toBeGreaterThan(0);
    const spoken = house.cli("audit", "verify", "--dir", copy.dir, ...memory());
    expect(spoken.status).toBe(1);
    expect(spoken.stdout).toMatch(/^NOT OK/);
  });

  it("exits 1 for an edited checkpoint to compare with, and for the key of somebody else", () => {
    const saved = readFileSync(house.path("saved.txt"), "utf8");
    writeFileSync(house.path("edited.txt"), saved.replace(/\n\d+\n/, "\n5\n"));
    expect(verify(copyOf().dir, "--checkpoint", house.path("edited.txt")).status).toBe(1);
    expect(readdirSync(join(house.stateDir, "audit"))).toContain("signing.pub");
  });

  it("exits 3 when no log is there", () => {
    expect(verify(house.path("nowhere")).status).toBe(3);
  });
});
