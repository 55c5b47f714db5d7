import { describe, expect, it } from "vitest";
import { answered, eventfulLog, filesBelow, openLog, putFile, unnoticedFlips } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import type { MemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { nativeSha256, nativeSigningKey, parseSignerKey, toBase64, utf8 } from "../../base/crypto/index.node.ts";
import { systemClock } from "../../base/port/index.ts";
import {
  createFrontier,
  createTileTree,
  formatBundle,
  leafHash,
  noteSigner,
  parseBundle,
  partialTiles,
  readCheckpoint,
  signCheckpoint,
  tilePath,
  tileWidth,
} from "../../base/tlog/index.ts";
import { verifyLog } from "./verify.ts";

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("utf8");

/** A closed log of this many entries, with what its owner keeps elsewhere. */
async function closedLog(entries: number, disk: MemoryDisk = createMemoryDisk()) {
  const log = await openLog(disk);
  await Promise.all(Array.from({ length: entries }, (_, n) => log.append(answered(log.size + n))));
  const checkpoint = await log.checkpoint();
  await log.close();
  return { disk, key: log.verifierKey, checkpoint };
}

/** Writes a log of these entries anew: bundles, tiles and a checkpoint that fit each other, signed with the key that lies there. */
async function rewrite(disk: MemoryDisk, entries: readonly Uint8Array[], origin?: string): Promise<void> {
  for (const path of (await filesBelow(disk, "log")).keys()) await disk.remove(path);
  const { name, key } = parseSignerKey(text(await disk.read("signing.key")).trim(), nativeSigningKey);
  const tree = createTileTree(nativeSha256);
  for (const [i, entry] of entries.entries()) {
    for (const tile of tree.append(leafHash(entry, nativeSha256))) {
      await putFile(disk, `log/${tilePath({ ...tile, width: tileWidth })}`, tile.bytes);
    }
    const first = i - 255;
    if (i % tileWidth !== 255) continue;
    await putFile(
      disk,
      `log/${tilePath({ level: "entries", index: first / 256, width: 256 })}`,
      formatBundle(entries.slice(first, i + 1)),
    );
  }
  const edge = tree.edge();
  for (const tile of partialTiles(entries.length)) {
    const hashes = edge.find(({ level }) => level === tile.level)?.bytes;
    await putFile(
      disk,
      `log/${tilePath(tile)}`,
      tile.level === "entries" ? formatBundle(entries.slice(tile.index * 256)) : hashes,
    );
  }
  const checkpoint = { origin: origin ?? name, size: entries.length, root: tree.frontier().root() };
  await putFile(disk, "log/checkpoint", utf8(signCheckpoint(checkpoint, [noteSigner(origin ?? name, key)])));
}

async function entriesOf(disk: MemoryDisk): Promise<Uint8Array[]> {
  const files = [...(await filesBelow(disk, "log/tile/entries"))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return files.flatMap(([, bytes]) => parseBundle(bytes));
}

describe("verification", () => {
  it("says what it verified, and what it cannot exclude without an outside memory", async () => {
    const { disk, key, checkpoint } = await closedLog(300);
    const alone = await verifyLog({ disk });
    expect(alone).toMatchObject({ ok: true, size: 300, firstBad: null, reasons: [] });
    expect(alone.root).toBe(checkpoint.split("\n")[2]);
    expect(alone.cannotExclude).toEqual([
      expect.stringContaining("another key"),
      expect.stringContaining("cut from the end"),
      expect.stringContaining("another version"),
    ]);
    const remembered = await verifyLog({ disk, key, checkpoint });
    expect(remembered).toMatchObject({ ok: true, size: 300 });
    expect(remembered.cannotExclude).toEqual([expect.stringContaining("from number 300 on")]);
  });

  it("verifies a copy of the log alone, with the key that somebody else holds", async () => {
    const { disk, key, checkpoint } = await closedLog(300);
    const copy = createMemoryDisk();
    for (const [path, bytes] of await filesBelow(disk, "log")) await putFile(copy, path.slice(4), bytes);
    expect(await verifyLog({ disk: copy, key, checkpoint })).toMatchObject({ ok: true, size: 300, reasons: [] });
    expect(await verifyLog({ disk: copy })).toMatchObject({ ok: false, reasons: [/no key was given/] });
    await putFile(copy, "stray", utf8("x"));
    expect(await verifyLog({ disk: copy, key })).toMatchObject({ ok: false, reasons: [/`stray` is not a file of this log/] });
  });

  it("verifies an empty log", async () => {
    const { disk, key, checkpoint } = await closedLog(0);
    expect(await verifyLog({ disk, key, checkpoint })).toMatchObject({ ok: true, size: 0, firstBad: null });
  });

  it("does not call ok what it could not read", async () => {
    expect(await verifyLog({ disk: createMemoryDisk() })).toMatchObject({ ok: false, size: 0 });
    const { disk } = await closedLog(3);
    expect(await verifyLog({ disk, key: "nonsense" })).toMatchObject({ ok: false, reasons: [/the given key/] });
    expect(await verifyLog({ disk, checkpoint: "nonsense" })).toMatchObject({ ok: false, reasons: [/the saved checkpoint/] });
  });

  it("finds any single flipped byte in any file it wrote", async () => {
    const disk = await eventfulLog(2);
    const files = await filesBelow(disk, "");
    expect([...files.keys()].map((path) => path.replace(/\d{16}/, "N"))).toEqual([
      "commitments.key",
      "log/checkpoint",
      "log/journal/N.journal",
      "log/set-aside/N-0.torn",
      "log/tile/0/000.p/2",
      "log/tile/0/000.p/5",
      "log/tile/entries/000.p/2",
      "log/tile/entries/000.p/5",
      "signing.key",
      "signing.pub",
    ]);
    // Every byte of every file; `test/slow` takes every bit.
    expect(await unnoticedFlips(disk, files, (at) => [at % 8])).toEqual([]);
  }, 300_000);

  it("finds flipped bytes in full tiles and bundles", async () => {
    const disk = await eventfulLog(600);
    const files = await filesBelow(disk, "log/tile");
    expect([...files.keys()]).toContain("log/tile/1/000.p/2");
    // Every hash and every entry, at a byte that moves on; `test/slow` takes every byte.
    expect(await unnoticedFlips(disk, files, (at) => (at % 331 === 0 ? [at % 8] : []))).toEqual([]);
  }, 120_000);

  it("finds files cut short, grown, missing, or added", async () => {
    const { disk } = await closedLog(300);
    const files = await filesBelow(disk, "");
    for (const [path, bytes] of files) {
      for (const changed of [bytes.subarray(0, -1), Buffer.concat([bytes, Buffer.from([0])]), undefined]) {
        await putFile(disk, path, changed);
        // Without its key files a log still verifies: by the key that somebody else holds.
        const missingKey = changed === undefined && /^(signing\.key|commitments\.key)$/.test(path);
        expect((await verifyLog({ disk })).ok, `${path} ${changed?.length}`).toBe(missingKey);
      }
      await putFile(disk, path, bytes);
    }
    for (const path of [
      "log/extra",
      "log/tile/0/000.p/256",
      "log/tile/7/000",
      "log/tile/0/009",
      "log/tile/entries/001.p/45",
      "log/journal/x.journal",
      "log/set-aside/0000000000000001-0.torn",
    ]) {
      await putFile(disk, path, utf8("x"));
      const verdict = await verifyLog({ disk });
      expect(verdict.ok, path).toBe(false);
      expect(verdict.reasons.join("\n")).toContain(path.slice(4));
      await putFile(disk, path, undefined);
    }
    expect(await verifyLog({ disk })).toMatchObject({ ok: true });
  });
});

interface Tampering {
  readonly name: string;
  /** Changes a log of 600 entries; may return what the outside memory shows instead of the log's own key and checkpoint. */
  readonly tamper: (log: Awaited<ReturnType<typeof closedLog>>) => Promise<void>;
  readonly firstBad?: number | null;
  /** Only an outside memory can tell. */
  readonly needsMemory?: true;
  readonly says: RegExp;
}

const tamperings: readonly Tampering[] = [
  {
    name: "an edited entry",
    async tamper({ disk }) {
      const path = "log/tile/entries/001";
      const entries = parseBundle((await disk.read(path))!);
      entries[10] = utf8(text(entries[10]).replace('"principal":"bob"', '"principal":"eve"'));
      await putFile(disk, path, formatBundle(entries));
    },
    firstBad: 266,
    says: /tile\/0\/001 differs from its entries at hash 10/,
  },
  {
    name: "two entries in another order",
    async tamper({ disk }) {
      const path = "log/tile/entries/000";
      const entries = parseBundle((await disk.read(path))!);
      [entries[7], entries[8]] = [entries[8]!, entries[7]!];
      await putFile(disk, path, formatBundle(entries));
    },
    firstBad: 7,
    says: /differs/,
  },
  {
    name: "a dropped entry",
    async tamper({ disk }) {
      const path = "log/tile/entries/001";
      const entries = parseBundle((await disk.read(path))!);
      await putFile(disk, path, formatBundle(entries.toSpliced(50, 1)));
    },
    firstBad: 256,
    says: /holds 255 entries, not 256/,
  },
  {
    name: "a dropped entry, with the tiles written anew",
    async tamper({ disk }) {
      const kept = await disk.read("log/checkpoint");
      await rewrite(disk, (await entriesOf(disk)).toSpliced(300, 1));
      await putFile(disk, "log/checkpoint", kept);
    },
    says: /missing/,
  },
  {
    name: "a log cut short (truncation)",
    tamper: async ({ disk }) => rewrite(disk, (await entriesOf(disk)).slice(0, 500)),
    firstBad: 500,
    needsMemory: true,
    says: /entries were removed from its end/,
  },
  {
    name: "another history signed with the same key (fork)",
    async tamper({ disk }) {
      const entries = await entriesOf(disk);
      entries[123] = utf8(text(entries[123]).replace("request-123", "request-999"));
      await rewrite(disk, [...entries, ...entries.slice(0, 10)]);
    },
    needsMemory: true,
    says: /rewritten or forked/,
  },
  {
    name: "entries played in a second time (replay)",
    async tamper({ disk }) {
      // The same entries again, in a journal that continues the log, under the signature they once had.
      const log = await openLog(disk);
      await log.append(answered(600));
      const [name] = (await disk.list("log/journal")).map((entry) => entry.name);
      const frame = await disk.read(`log/journal/${name}`);
      await log.close();
      await putFile(disk, `log/journal/${String(601).padStart(16, "0")}.journal`, frame);
    },
    firstBad: 601,
    says: /not signed as they stand/,
  },
  {
    name: "the state of an earlier day (rollback)",
    async tamper({ disk }) {
      const entries = await entriesOf(disk);
      await rewrite(disk, entries.slice(0, 256));
    },
    firstBad: 256,
    needsMemory: true,
    says: /the saved checkpoint 600/,
  },
  {
    name: "an old checkpoint in place of the new one",
    async tamper({ disk }) {
      const log = await openLog(disk);
      const old = await disk.read("log/checkpoint");
      await log.append(answered(600));
      await log.close();
      await putFile(disk, "log/checkpoint", old);
    },
    says: /belongs to no entry of this log|holds hashes of entries that the log does not have|does not hold the log's entries|missing/,
  },
  {
    name: "two tiles exchanged (swapped tile)",
    async tamper({ disk }) {
      const [a, b] = [await disk.read("log/tile/0/000"), await disk.read("log/tile/0/001")];
      await putFile(disk, "log/tile/0/000", b);
      await putFile(disk, "log/tile/0/001", a);
    },
    firstBad: 0,
    says: /tile\/0\/000 differs/,
  },
  {
    name: "a log signed with another key (wrong key)",
    async tamper({ disk }) {
      const entries = await entriesOf(disk);
      for (const path of ["signing.key", "signing.pub"]) await disk.remove(path);
      for (const path of (await filesBelow(disk, "log")).keys()) await disk.remove(path);
      for (const folder of ["log/tile/entries", "log/tile/1", "log/tile/0", "log/tile", "log/journal", "log"])
        await disk.removeFolder(folder);
      const stranger = createMemoryDisk();
      await (await openLog(stranger)).close();
      for (const path of ["signing.key", "signing.pub"]) await putFile(disk, path, await stranger.read(path));
      await rewrite(disk, entries);
    },
    needsMemory: true,
    says: /does not verify under/,
  },
  {
    name: "a log under another name (renamed origin)",
    async tamper({ disk }) {
      await rewrite(disk, await entriesOf(disk), "another.example/log");
    },
    says: /does not verify under/,
  },
];

describe("tampering", () => {
  it.for(tamperings)("is not fooled by $name", async ({ tamper, says, firstBad, needsMemory }) => {
    const log = await closedLog(600);
    await tamper(log);
    const { disk, key, checkpoint } = log;
    const alone = await verifyLog({ disk });
    expect(alone.ok).toBe(needsMemory === true);
    const told = needsMemory === true ? await verifyLog({ disk, key, checkpoint }) : alone;
    expect(told.ok).toBe(false);
    expect(told.reasons.join("\n")).toMatch(says);
    if (firstBad !== undefined) expect(told.firstBad).toBe(firstBad);
    if (needsMemory === true) expect(alone.cannotExclude.length).toBeGreaterThan(0);
  });

  it("finds a saved checkpoint of another log or key", async () => {
    const [ours, theirs] = [await closedLog(5), await closedLog(5)];
    expect(await verifyLog({ disk: ours.disk, key: ours.key, checkpoint: theirs.checkpoint })).toMatchObject({ ok: false });
    expect(await verifyLog({ disk: ours.disk, key: theirs.key, checkpoint: ours.checkpoint })).toMatchObject({ ok: false });
  });

  it("accepts a log that has only grown since the checkpoint was saved", async () => {
    const { disk, key, checkpoint } = await closedLog(300);
    await closedLog(400, disk);
    expect(await verifyLog({ disk, key, checkpoint })).toMatchObject({ ok: true, size: 700 });
  });
});

describe("a live log", () => {
  it("verifies while entries come in and tiles are made", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, { settings: { integrateMs: 10 }, clock: systemClock });
    const saved = await log.checkpoint();
    let appended = 0;
    const stop = new AbortController();
    const load = (async () => {
      while (!stop.signal.aborted) {
        await Promise.all(Array.from({ length: 20 }, () => log.append(answered(appended++))));
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    let last = 0;
    for (let round = 0; round < 15; round++) {
      const verdict = await verifyLog({ disk, key: log.verifierKey, checkpoint: saved });
      expect(verdict.reasons).toEqual([]);
      expect(verdict.size).toBeGreaterThanOrEqual(last);
      last = verdict.size;
      await new Promise((resolve) => setTimeout(resolve, 7));
    }
    stop.abort();
    await load;
    await log.close();
    expect(last).toBeGreaterThan(0);
    expect(await verifyLog({ disk, checkpoint: saved })).toMatchObject({ ok: true, size: appended });
  });

  it("gives the root that the definition gives", async () => {
    const { disk } = await closedLog(30);
    const frontier = createFrontier(nativeSha256);
    for (const entry of await entriesOf(disk)) frontier.append(leafHash(entry, nativeSha256));
    expect((await verifyLog({ disk })).root).toBe(toBase64(frontier.root()));
    expect(readCheckpoint((await disk.read("log/checkpoint"))!).size).toBe(30);
  });
});
