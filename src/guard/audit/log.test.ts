import { describe, expect, it, vi } from "vitest";
import { answered, openLog } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { parseVerifierKey } from "../../base/crypto/index.node.ts";
import type { EvidenceEntry } from "../../base/evidence/index.ts";
import { createManualClock, systemClock } from "../../base/port/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { readCheckpoint, verifyConsistency, verifyProofFile } from "../../base/tlog/index.ts";
import { fromBase64 } from "../../base/crypto/index.ts";
import { verifyLog } from "./verify.ts";

const filesOf = async (disk: Disk, folder = "log"): Promise<string[]> => {
  const found: string[] = [];
  for (const { name, kind } of await disk.list(folder)) {
    if (kind === "folder") found.push(...(await filesOf(disk, `${folder}/${name}`)));
    else found.push(`${folder}/${name}`);
  }
  return found;
};

describe("an audit log", () => {
  it("answers only after the entry is on disk", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    for (let n = 0; n < 20; n++) {
      const receipt = await log.append(answered(n));
      expect(receipt).toEqual({ index: n });
    }
    disk.crash(); // forgets every byte and name that was not synced
    const again = await openLog(disk);
    expect(again.size).toBe(20);
    for (let n = 0; n < 20; n++) expect((await again.get(n))?.evidence).toEqual(answered(n));
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 20 });
    await again.close();
  });

  it("keeps entries in the order they came, in one frame when they come together", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    const before = disk.changes;
    const receipts = await Promise.all(Array.from({ length: 500 }, (_, n) => log.append(answered(n))));
    expect(receipts.map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, n) => n));
    expect(disk.changes - before).toBeLessThan(10);
    expect((await log.get(499))?.evidence.requestId).toBe("request-499");
    expect(await log.get(500)).toBeUndefined();
    await log.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 500, firstBad: null, reasons: [] });
  });

  it("leaves checkpoint, tiles and bundles when it closes, and nothing else", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    for (let n = 0; n < 700; n++) {
      void log.append(answered(n));
      if (n % 100 === 7) await log.flush();
    }
    await log.close();
    expect(await filesOf(disk)).toEqual([
      "log/checkpoint",
      "log/tile/0/000",
      "log/tile/0/001",
      "log/tile/0/002.p/188",
      "log/tile/1/000.p/2",
      "log/tile/entries/000",
      "log/tile/entries/001",
      "log/tile/entries/002.p/188",
    ]);
    expect(await disk.list("tmp")).toEqual([]);
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 700 });
  });

  it("holds no superseded partial tile for long, nor after it was killed", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, { settings: { integrateMs: 10 }, clock: systemClock });
    const partials = async () => (await filesOf(disk)).filter((path) => path.includes(".p/"));
    for (let n = 0; n < 5; n++) {
      await log.append(answered(n));
      await log.flush();
    }
    await vi.waitFor(async () => expect(await partials()).toEqual(["log/tile/0/000.p/5", "log/tile/entries/000.p/5"]), 60_000);
    await log.append(answered(5));
    await log.flush();
    disk.crash();
    expect(await partials()).toHaveLength(4);
    const again = await openLog(disk);
    expect(await partials()).toEqual(["log/tile/0/000.p/6", "log/tile/entries/000.p/6"]);
    await again.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 6 });
  });

  it("goes on where it ended, any number of times", async () => {
    const disk = createMemoryDisk();
    for (let run = 0; run < 12; run++) {
      const log = await openLog(disk);
      expect(log.size).toBe(run * 60);
      await Promise.all(Array.from({ length: 60 }, (_, n) => log.append(answered(run * 60 + n))));
      await log.close();
      expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: (run + 1) * 60 });
    }
  });

  it("proves any entry to whoever has the public key, in at most 1.5 KB", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await Promise.all(Array.from({ length: 600 }, (_, n) => log.append(answered(n))));
    for (const index of [0, 255, 256, 511, 599]) {
      const file = await log.prove(index);
      const entry = (await log.raw(index))!;
      expect(verifyProofFile({ file, entry, key: parseVerifierKey(log.verifierKey) })).toMatchObject({ ok: true, index });
      expect(file.length).toBeLessThanOrEqual(1500);
      // Each further doubling of the log adds one hash of 45 characters.
      expect(file.length + 45 * Math.ceil(Math.log2(100e6 / 600))).toBeLessThanOrEqual(1700);
    }
    await expect(log.prove(600)).rejects.toMatchObject({ code: "audit/no-entry", status: 404 });
    await log.close();
  });

  it("proves that it only appends", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(answered(n))));
    const old = readCheckpoint(await log.checkpoint());
    await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(answered(n))));
    await log.checkpoint();
    const { checkpoint, proof } = await log.proveConsistency(old.size);
    const now = readCheckpoint(checkpoint);
    expect(now.size).toBe(600);
    const claim = { oldSize: old.size, oldRoot: old.root, newSize: now.size, newRoot: now.root, proof: proof.map(fromBase64) };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: now.root })).toBe(false);
    await log.close();
  });

  it("finds entries by principal, model, address, time and decision, newest first, page by page", async () => {
    const clock = createManualClock(1_000);
    const log = await openLog(createMemoryDisk(), { clock });
    for (let n = 0; n < 30; n++) {
      clock.advance(10);
      await log.append(answered(n, n % 5 === 0 ? { outcome: "denied", code: "access/forbidden" as never } : {}));
    }
    await log.append({
      kind: "key.created",
      outcome: "done",
      actor: { principal: "alice" },
      subject: { type: "key", id: "digits" },
    });
    const indexes = async (query: Parameters<typeof log.search>[0]) => (await log.search(query)).map(({ index }) => index);
    expect(await indexes({ principal: "alice", limit: 3 })).toEqual([30, 27, 24]);
    expect(await indexes({ principal: "alice", limit: 3, before: 24 })).toEqual([21, 18, 15]);
    expect(await indexes({ model: "digits", outcome: "denied" })).toEqual([25, 20, 15, 10, 5, 0]);
    expect(await indexes({ address: "192.0.2.7" })).toEqual([7]);
    expect(await indexes({ fromMs: 1_020, toMs: 1_040 })).toEqual([3, 2, 1]);
    expect(await indexes({ kind: "key.created" })).toEqual([30]);
    expect(await indexes({ requestId: "request-12" })).toEqual([12]);
    expect(await indexes({ code: "access/forbidden", principal: "alice" })).toEqual([15, 0]);
    await log.close();
  });

  it("follows what comes in, from any index on", async () => {
    const log = await openLog(createMemoryDisk());
    await log.append(answered(0));
    await log.append(answered(1));
    const stop = new AbortController();
    const seen: number[] = [];
    const following = (async () => {
      for await (const entry of log.tail({ from: 1, signal: stop.signal })) {
        seen.push(entry.index);
        if (entry.index === 4) stop.abort();
      }
    })();
    await log.append(answered(2));
    await Promise.all([log.append(answered(3)), log.append(answered(4))]);
    await following;
    expect(seen).toEqual([1, 2, 3, 4]);
    const untilClosed = (async () => {
      const rest: EvidenceEntry[] = [];
      for await (const entry of log.tail()) rest.push(entry);
      return rest;
    })();
    await log.close();
    expect(await untilClosed).toEqual([]);
  });

  it("takes whatever a client made of its strings and numbers, and never loses the entry for it", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    const odd = {
      ...answered(0),
      requestId: "\ud800\u0000\u001b[2J",
      detail: { nan: Number.NaN, inf: -Infinity, deep: { "\udc00": ["\udfff"] }, huge: 2 ** 70, big: 10n },
    };
    await log.append(odd as never);
    await log.append(answered(1, { detail: { text: "x".repeat(70_000) } }));
    await log.append(answered(2, { requestId: "é".repeat(40_000), actor: { principal: "p".repeat(66_000) } }));
    expect((await log.get(0))?.evidence.detail).toEqual({
      nan: "NaN",
      inf: "-Infinity",
      deep: { "\ufffd": ["\ufffd"] },
      huge: 2 ** 70,
      big: "10",
    });
    expect((await log.get(1))?.evidence.detail).toEqual({
      shortened: { sizeBytes: expect.any(Number), digest: expect.stringMatching(/^sha256:/) },
    });
    expect((await log.get(2))?.evidence.requestId).toBe(`${"é".repeat(500)}…`);
    await log.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 3 });
  });

  it("exports lines that no terminal, spreadsheet or parser acts on", async () => {
    const log = await openLog(createMemoryDisk());
    const nasty = answered(0, {
      actor: { principal: '=HYPERLINK("http://evil","x")', address: "192.0.2.1" },
      requestId: '\u001b[31mred\u202e",\n@SUM(A1)',
    });
    await log.append(nasty);
    await log.append(answered(1));
    const read = async (format: "csv" | "jsonl", query = {}) => {
      let text = "";
      for await (const line of log.export(format, query)) text += line;
      return text;
    };
    const jsonl = await read("jsonl");
    // oxlint-disable-next-line no-control-regex
    expect(jsonl).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
    const [first, second, ...rest] = jsonl.trimEnd().split("\n");
    expect(rest).toEqual([]);
    expect(JSON.parse(first!)).toMatchObject({ index: 0, evidence: nasty });
    expect(JSON.parse(second!).index).toBe(1);
    const csv = await read("csv");
    expect(csv.split("\r\n")).toHaveLength(4);
    expect(csv).toContain(`"'=HYPERLINK(""http://evil"",""x"")"`);
    expect(csv).toContain('"\\u001b[31mred\\u202e"",\\u000a@SUM(A1)"');
    expect((await read("csv", { principal: "nobody" })).split("\r\n")).toHaveLength(2);
    await log.close();
  });

  it("makes checkpoints on its own while entries come in", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, { settings: { integrateMs: 10 }, clock: systemClock });
    await log.append(answered(0));
    await vi.waitFor(async () => expect(readCheckpoint((await disk.read("log/checkpoint"))!).size).toBe(1), 60_000);
    await log.close();
  });
});
