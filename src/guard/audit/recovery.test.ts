import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answered, openLog } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import type { Chance, MemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { readCheckpoint, verifyConsistency } from "../../base/tlog/index.ts";
import type { AuditLog } from "./index.ts";
import { verifyLog } from "./verify.ts";

/** A small generator whose sequence a seed fixes (mulberry32): a failing crash can be had again. */
function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Appends in frames of these sizes until the disk gives up; returns what was acknowledged: index → request id. */
async function appendUntilCut(log: AuditLog, from: number, frames: readonly number[]): Promise<Map<number, string>> {
  const acknowledged = new Map<number, string>();
  let n = from;
  for (const size of frames) {
    const batch = Array.from({ length: size }, () => answered(n++));
    const settled = await Promise.allSettled(batch.map((evidence) => log.append(evidence)));
    settled.forEach((result, i) => {
      if (result.status === "fulfilled") acknowledged.set(result.value.index, batch[i]!.requestId!);
    });
    await log.flush().catch(() => {});
    if (settled.every((result) => result.status === "rejected")) break;
  }
  return acknowledged;
}

async function checkSurvivors(disk: MemoryDisk, acknowledged: ReadonlyMap<number, string>): Promise<number> {
  const log = await openLog(disk);
  for (const [index, requestId] of acknowledged)
    expect((await log.get(index))?.evidence.requestId, `entry ${index}`).toBe(requestId);
  expect(await log.append(answered(-1))).toEqual({ index: log.size - 1 });
  const live = await verifyLog({ disk });
  expect(live.reasons).toEqual([]);
  await log.close();
  const verdict = await verifyLog({ disk });
  expect(verdict.reasons).toEqual([]);
  expect(verdict.ok).toBe(true);
  return verdict.size;
}

describe("after the power was cut", () => {
  it("no acknowledged entry is lost and the log verifies, wherever the cut came", async () => {
    // Every change to the disk, from the first key file to the last removal of a full run, is one possible end.
    const probe = createMemoryDisk();
    const frames = [250, 3, 5, 1]; // the third fills a bundle and its tile
    const whole = await openLog(probe);
    await appendUntilCut(whole, 0, frames);
    await whole.close();
    const changes = probe.changes;
    expect(changes).toBeGreaterThan(100);
    for (let at = 0; at < changes; at++) {
      const chance = chanceOf(at);
      const disk = createMemoryDisk();
      disk.cutAt(at, chance);
      let acknowledged = new Map<number, string>();
      try {
        const log = await openLog(disk);
        acknowledged = await appendUntilCut(log, 0, frames);
        await log.close();
      } catch {
        // cut while it opened
      }
      disk.crash(at % 3 === 0 ? undefined : chance);
      try {
        await checkSurvivors(disk, acknowledged);
      } catch (error) {
        throw new Error(`cut at change ${at}`, { cause: error });
      }
    }
  }, 120_000);

  it("also when it is cut again while it recovers, again and again", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(fc.nat(90), { minLength: 2, maxLength: 6 }), async (seed, cuts) => {
        const chance = chanceOf(seed);
        const disk = createMemoryDisk();
        const acknowledged = new Map<number, string>();
        let saved: string | undefined;
        for (const cut of cuts) {
          disk.cutAt(cut, chance);
          try {
            const log = await openLog(disk);
            for (const [index, requestId] of await appendUntilCut(log, acknowledged.size * 1000, [7, 7, 1, 20]))
              acknowledged.set(index, requestId);
            saved = await log.checkpoint();
            await log.close();
          } catch {
            // cut while it opened or closed
          }
          disk.crash(chance);
        }
        await checkSurvivors(disk, acknowledged);
        // A checkpoint that was once given out stays true.
        if (saved !== undefined) expect(await verifyLog({ disk, checkpoint: saved })).toMatchObject({ ok: true });
      }),
      // A frame whose first word alone was written, with a cut inside the recovery of it.
      { numRuns: 60, examples: [[12, [2, 11, 0, 84]]] },
    );
  }, 120_000);

  it("a torn end is kept beside the log, and an entry says so", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await log.append(answered(0));
    await log.append(answered(1));
    const [journal] = await disk.list("log/journal");
    const file = await disk.open(`log/journal/${journal!.name}`);
    const torn = new TextEncoder().encode("MKF1\u0000\u0000\u0010\u0000 half a frame");
    await file.append(torn);
    await file.sync();
    disk.crash();
    expect(await verifyLog({ disk })).toMatchObject({ ok: false, size: 2, firstBad: 2, reasons: [/broken frame at byte/] });
    const again = await openLog(disk);
    expect(await disk.read("log/set-aside/0000000000000002-0.torn")).toEqual(torn);
    const told = (await again.get(2))!.evidence;
    expect(told).toMatchObject({ kind: "log.tail-set-aside", detail: { files: [{ sizeBytes: torn.length }] } });
    expect((await again.get(3))!.evidence.kind).toBe("log.resumed");
    await again.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 4 });
    // What was set aside is evidence too: it cannot be changed unnoticed.
    const changed = await disk.open("log/set-aside/0000000000000002-0.torn");
    await changed.append(torn);
    expect(await verifyLog({ disk })).toMatchObject({ ok: false, reasons: [/set-aside\/0000000000000002-0.torn/] });
  });

  it("a frame of which only the first word reached the disk is a torn end, not a frame of no entries", async () => {
    // A file's length can be durable before its content: "MKF1" and six zeros read as a frame that holds nothing and signs nothing.
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await log.append(answered(0));
    const [journal] = await disk.list("log/journal");
    const file = await disk.open(`log/journal/${journal!.name}`);
    const torn = new TextEncoder().encode("MKF1\u0000\u0000\u0000\u0000\u0000\u0000");
    await file.append(torn);
    await file.sync();
    disk.crash();
    expect(await verifyLog({ disk })).toMatchObject({ ok: false, size: 1, reasons: [/broken frame at byte/] });
    const again = await openLog(disk);
    expect(await disk.read("log/set-aside/0000000000000001-0.torn")).toEqual(torn);
    expect((await again.get(1))!.evidence).toMatchObject({ kind: "log.tail-set-aside" });
    expect((await verifyLog({ disk })).reasons).toEqual([]);
    await again.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 3 });
  });

  it("refuses to go on when entries that were durable are broken in the middle", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    for (let n = 0; n < 3; n++) await log.append(answered(n));
    const [journal] = await disk.list("log/journal");
    const path = `log/journal/${journal!.name}`;
    const bytes = (await disk.read(path))!;
    bytes[100]! ^= 1;
    await disk.remove(path);
    const file = await disk.open(path);
    await file.append(bytes);
    await expect(openLog(disk)).rejects.toMatchObject({ code: "audit/damaged" });
  });

  it("refuses to begin another log where the key or the checkpoint of one is lost", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await log.append(answered(0));
    await log.close();
    const key = (await disk.read("signing.key"))!;
    await disk.remove("signing.key");
    await expect(openLog(disk)).rejects.toMatchObject({ code: "audit/key-lost" });
    const file = await disk.open("signing.key");
    await file.append(key);
    await expect(openLog(disk, { settings: { origin: "another.example/log" } })).rejects.toMatchObject({
      code: "audit/wrong-key",
    });
    await disk.remove("log/checkpoint");
    await expect(openLog(disk)).rejects.toMatchObject({ code: "audit/damaged" });
  });

  it("only ever appends: an old checkpoint stays a prefix through crashes", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk);
    await Promise.all(Array.from({ length: 40 }, (_, n) => log.append(answered(n))));
    const old = readCheckpoint(await log.checkpoint());
    await log.append(answered(40));
    disk.crash();
    const again = await openLog(disk);
    expect(again.size).toBe(41);
    await again.append(answered(41));
    const now = readCheckpoint(await again.checkpoint());
    const { proof } = await again.proveConsistency(old.size);
    const hashes = proof.map((hash) => Uint8Array.from(Buffer.from(hash, "base64")));
    expect(verifyConsistency({ oldSize: old.size, oldRoot: old.root, newSize: now.size, newRoot: now.root, proof: hashes })).toBe(
      true,
    );
    await again.close();
  });
});
