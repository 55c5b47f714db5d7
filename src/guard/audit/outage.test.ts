import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { answered, openLog } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import { createManualClock } from "../../base/port/index.ts";
import type { Disk, DiskFile } from "../../base/port/index.ts";
import type { AuditLog } from "./index.ts";
import { openSigner } from "./signer.ts";
import { verifyLog } from "./verify.ts";

/** Keeps house at once instead of once a second. */
const quick = { settings: { integrateMs: 10 } };

const accepts = (log: AuditLog) => vi.waitFor(() => expect(log.accepting()).toEqual({ ok: true }), 60_000);

describe("in strict mode", () => {
  it("a full disk refuses entries, says so, and the log goes on by itself when there is room", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, quick);
    await log.append(answered(0));
    await log.flush();
    disk.setCapacity(disk.usedBytes + 100);
    await expect(log.append(answered(1))).rejects.toMatchObject({
      code: "audit/unavailable",
      status: 503,
      message: /the disk is full/,
    });
    expect(log.accepting()).toEqual({ ok: false, reason: "the disk is full" });
    await expect(log.append(answered(2))).rejects.toMatchObject({ code: "audit/unavailable" });
    disk.setCapacity(1e9);
    await accepts(log);
    const { index } = await log.append(answered(3));
    const resumed = (await log.get(1))!.evidence;
    expect(resumed).toMatchObject({ kind: "log.resumed", detail: { reason: "the disk is full", refusedEntries: 2 } });
    expect((await log.get(index))?.evidence.requestId).toBe("request-3");
    await log.close();
    // What was refused is not in the log: the answer never left.
    const verdict = await verifyLog({ disk });
    expect(verdict).toMatchObject({ ok: true, reasons: [], size: index + 1 });
  });

  it.for([
    ["a write that fails half-way", 0],
    ["a sync that fails", 1],
  ] as const)("%s refuses its entries and loses none before it", async ([, nth]) => {
    const disk = createMemoryDisk();
    let faulty = false;
    const log = await openLog(
      // The fault is for the entries, whatever housekeeping writes meanwhile.
      withFiles(disk, (file, path) => ({
        ...file,
        append: (bytes) => {
          if (faulty && path.startsWith("log/journal/")) disk.failAt(nth, "EIO", () => 0.7);
          if (path.startsWith("log/journal/")) faulty = false;
          return file.append(bytes);
        },
      })),
      quick,
    );
    const good = await Promise.all([0, 1, 2].map((n) => log.append(answered(n))));
    await log.flush();
    faulty = true;
    const failed = await Promise.allSettled([3, 4, 5].map((n) => log.append(answered(n))));
    expect(failed.every(({ status }) => status === "rejected")).toBe(true);
    await accepts(log);
    const later = await log.append(answered(6));
    for (const [n, { index }] of [...good, later].entries())
      expect((await log.get(index))?.evidence.requestId).toBe(`request-${n === 3 ? 6 : n}`);
    const found = await log.search({ kind: "inference.answered" });
    expect(found.map(({ evidence }) => evidence.requestId)).toEqual(["request-6", "request-2", "request-1", "request-0"]);
    disk.crash();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true, reasons: [] });
  });

  it("a signing key that goes missing refuses entries until it is back", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, quick);
    const key = (await disk.read("signing.key"))!;
    await disk.remove("signing.key");
    await vi.waitFor(() => expect(log.accepting()).toMatchObject({ ok: false, reason: /signing key/ }), 60_000);
    await expect(log.append(answered(0))).rejects.toMatchObject({ code: "audit/unavailable", status: 503 });
    const file = await disk.open("signing.key");
    await file.append(key);
    await accepts(log);
    await log.append(answered(0));
    await log.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true });
  });

  it("a signer that throws refuses entries and damages nothing", async () => {
    const disk = createMemoryDisk();
    const signer = await openSigner({ disk });
    let broken = false;
    const note = {
      ...signer.note,
      sign(message: Uint8Array) {
        if (broken) throw new Error("the key service does not answer");
        return signer.note.sign(message);
      },
    };
    const log = await openLog(disk, { ...quick, signer: { ...signer, note } });
    await log.append(answered(0));
    broken = true;
    await expect(log.append(answered(1))).rejects.toMatchObject({ code: "audit/unavailable", message: /key service/ });
    broken = false;
    await accepts(log);
    await log.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true });
  });

  it("another process writing the same log stops this one for good", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, quick);
    await log.append(answered(0));
    await log.flush();
    const other = await openLog(disk);
    await other.append(answered(1));
    await other.close();
    await log.append(answered(1)).catch(() => {});
    await vi.waitFor(
      () => expect(log.accepting()).toMatchObject({ ok: false, reason: /not the one this process wrote/ }),
      60_000,
    );
    await expect(log.append(answered(2))).rejects.toMatchObject({ code: "audit/unavailable" });
    await log.close();
  });

  it("takes nothing after it was closed, and closing twice is fine", async () => {
    const log = await openLog(createMemoryDisk());
    const last = log.append(answered(0));
    await Promise.all([log.close(), log.close()]);
    expect(await last).toEqual({ index: 0 });
    await expect(log.append(answered(1))).rejects.toMatchObject({ code: "audit/unavailable", message: /closed/ });
    expect(log.accepting()).toMatchObject({ ok: false });
  });

  it("refuses more than may wait instead of filling memory", async () => {
    const log = await openLog(createMemoryDisk(), { settings: { maxPendingBytes: 65_536 } });
    const results = await Promise.allSettled(Array.from({ length: 400 }, (_, n) => log.append(answered(n))));
    const refused = results.filter(({ status }) => status === "rejected").length;
    expect(refused).toBeGreaterThan(100);
    expect(log.size).toBe(400 - refused);
    await log.close();
  });
});

describe("in async mode", () => {
  const asynchronous = { settings: { mode: "async", integrateMs: 10, maxPendingBytes: 65_536, maxPendingMs: 500 } };

  it("answers at once, and everything is durable after a flush", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, asynchronous);
    for (let n = 0; n < 50; n++) expect(await log.append(answered(n))).toEqual({ index: n });
    await log.flush();
    disk.crash();
    const again = await openLog(disk, asynchronous);
    expect(again.size).toBe(50);
    await again.close();
  });

  it("loses no more than its bound: beyond it an entry waits for the disk", async () => {
    const clock = createManualClock();
    const disk = createMemoryDisk();
    const log = await openLog(disk, { ...asynchronous, clock });
    disk.failAll("EIO");
    await log.append(answered(0)); // answered early
    await vi.waitFor(() => expect(disk.changes).toBeGreaterThan(0), 60_000);
    expect(log.accepting()).toEqual({ ok: true });
    clock.advance(501); // the first has waited longer than an answered entry may
    await vi.waitFor(() => expect(log.accepting()).toMatchObject({ ok: false, reason: /EIO/ }), 60_000);
    await expect(log.append(answered(1))).rejects.toMatchObject({ code: "audit/unavailable" });
    disk.failAll();
    await accepts(log);
    await log.flush();
    const entries = await log.search({ kind: "inference.answered" });
    expect(entries.map(({ evidence }) => evidence.requestId)).toEqual(["request-0"]);
    await log.close();
    expect(await verifyLog({ disk })).toMatchObject({ ok: true });
  });
});

describe("strangers", () => {
  const refused = (address: string, n = 0) => ({
    kind: "request.refused",
    outcome: "denied" as const,
    actor: { address },
    code: "access/bad-credential" as never,
    requestId: `refused-${address}-${n}`,
  });

  it("enter refusals one by one up to the quota of their address, then as counts", async () => {
    const clock = createManualClock();
    const log = await openLog(createMemoryDisk(), { clock, settings: { refusals: { perAddressPerMinute: 3 } } });
    for (let n = 0; n < 50; n++) log.refuse(refused("192.0.2.1", n));
    log.refuse(refused("192.0.2.2"));
    await log.flush();
    const entries = await log.search({ fromMs: 0 });
    expect(entries.filter(({ evidence }) => evidence.kind === "request.refused")).toHaveLength(4);
    const [summary, ...others] = entries.filter(({ evidence }) => evidence.kind === "request.refusals-summarised");
    expect(others).toEqual([]);
    expect(summary!.evidence).toMatchObject({
      outcome: "denied",
      actor: { address: "192.0.2.1" },
      detail: { count: 47, codes: { "access/bad-credential": 47 } },
    });
    // A new minute, a new quota.
    clock.advance(60_001);
    for (let n = 0; n < 5; n++) log.refuse(refused("192.0.2.1", n));
    await log.close();
    expect(log.size).toBe(4 + 1 + 3 + 1);
  });

  it("share a quota within an IPv6 /64", async () => {
    const log = await openLog(createMemoryDisk(), { settings: { refusals: { perAddressPerMinute: 2 } } });
    for (let n = 0; n < 100; n++) log.refuse(refused(`2001:db8::${n.toString(16)}`));
    await log.flush();
    const summaries = await log.search({ kind: "request.refusals-summarised" });
    expect(summaries.map(({ evidence }) => [evidence.actor?.address, evidence.detail?.["count"]])).toEqual([
      ["2001:db8::/64", 98],
    ]);
    await log.close();
  });

  it("take bounded memory and disk however many addresses they come from, and every one is counted", async () => {
    const settings = { refusals: { perAddressPerMinute: 5, perMinute: 20, addresses: 50, summariesPerMinute: 10 } };
    const log = await openLog(createMemoryDisk(), { settings });
    for (let n = 0; n < 3000; n++) log.refuse(refused(`10.0.${n >> 8}.${n & 255}`, n));
    await log.flush();
    expect(log.size).toBeLessThanOrEqual(20 + 10 + 1);
    let counted = 0;
    for (const { evidence } of await log.search({ limit: 1000 }))
      counted += evidence.kind === "request.refused" ? 1 : Number(evidence.detail?.["count"]);
    expect(counted).toBe(3000);
    await log.close();
  });

  it("write nothing while only the reserve is left, but authenticated callers still do", async () => {
    const disk = createMemoryDisk();
    disk.setCapacity(1_000_000);
    let looks = 0;
    const watched: Disk = { ...disk, space: () => (looks++, disk.space()) };
    const log = await openLog(watched, { ...quick, settings: { integrateMs: 10, reserveBytes: 40_000 } });
    const filler = await disk.open("filler");
    await filler.append(new Uint8Array(1_000_000 - disk.usedBytes - 30_000));
    const looked = looks;
    await vi.waitFor(() => expect(looks).toBeGreaterThan(looked + 1), 60_000);
    const before = log.size;
    for (let n = 0; n < 100; n++) log.refuse(refused("192.0.2.1", n));
    await log.append(answered(0));
    await log.search({});
    expect(log.size).toBe(before + 1);
    await disk.remove("filler");
    await vi.waitFor(async () => expect(await log.search({ kind: "request.refusals-summarised" })).toHaveLength(1), 60_000);
    expect((await log.search({ kind: "request.refusals-summarised" }))[0]!.evidence.detail).toMatchObject({ count: 100 });
    await log.close();
  });

  it("lose no count while the log cannot be written", async () => {
    const disk = createMemoryDisk();
    const log = await openLog(disk, quick);
    disk.failAll("ENOSPC");
    await log.append(answered(0)).catch(() => {});
    for (let n = 0; n < 30; n++) log.refuse(refused("192.0.2.9", n));
    disk.failAll();
    await accepts(log);
    await log.flush();
    expect((await log.search({ kind: "request.refusals-summarised" }))[0]!.evidence.detail).toMatchObject({ count: 30 });
    await log.close();
  });
});

describe("while entries keep coming", () => {
  it("a flush settles with what was entered before it, and waits for nobody who comes later", async () => {
    const disk = createMemoryDisk();
    const slow = withFiles(disk, (file) => ({ ...file, append: (bytes) => sleep(2).then(() => file.append(bytes)) }));
    const log = await openLog(slow);
    const over = new AbortController();
    const client = async (n: number) => {
      while (!over.signal.aborted) await log.append(answered(n));
    };
    const clients = [0, 1, 2, 3, 4, 5].map(client);
    await sleep(20);
    const before = log.append(answered(9));
    const flushed = await Promise.race([log.flush().then(() => "flushed"), sleep(60_000, "waits for ever", { ref: false })]);
    over.abort();
    await Promise.all(clients);
    expect(flushed).toBe("flushed");
    expect((await before).index).toBeLessThan(log.size);
    await log.close();
  });

  it("an outage that is declared while a frame is on its way takes nothing out of the count of what waits", async () => {
    const disk = createMemoryDisk();
    let open = () => {};
    let gate: Promise<void> | undefined;
    let arrived = () => {};
    const held = withFiles(disk, (file) => ({ ...file, append: async (bytes) => (arrived(), await gate, file.append(bytes)) }));
    const gauges = new Map<string, () => number>();
    const meter = { count() {}, observe() {}, gauge: (name: string, read: () => number) => (gauges.set(name, read), () => {}) };
    const log = await openLog(held, { ...quick, meter });
    await log.append(answered(0));
    await log.flush(); // the entry is in tiles, so that housekeeping waits for no frame
    gate = new Promise((resolve) => (open = resolve));
    const atDisk = new Promise<void>((resolve) => (arrived = resolve));
    const failed = expect(log.append(answered(1))).rejects.toMatchObject({ code: "audit/unavailable" });
    await atDisk;
    const key = (await disk.read("signing.key"))!;
    await disk.remove("signing.key");
    await failed;
    const file = await disk.open("signing.key");
    await file.append(key);
    gate = undefined;
    open();
    await accepts(log);
    await log.flush();
    expect(gauges.get("modelkeep_audit_pending_bytes")!()).toBe(0);
    await log.close();
  });
});

it("a checkpoint whose folder could not be synced is our own, not another writer's", async () => {
  const disk = createMemoryDisk();
  let fails = false;
  const log = await openLog({
    ...disk,
    async rename(from, to) {
      await disk.rename(from, to);
      if (fails && to === "log/checkpoint") disk.failAt(0, "EIO"); // the sync that follows
      if (to === "log/checkpoint") fails = false;
    },
  });
  await log.append(answered(0));
  fails = true;
  await expect(log.flush()).rejects.toThrow("EIO");
  await log.append(answered(1));
  await log.flush();
  await log.close();
  expect(await verifyLog({ disk })).toMatchObject({ ok: true, size: 2 });
});

/** The same disk, its files as `change` makes them. */
function withFiles(disk: Disk, change: (file: DiskFile, path: string) => DiskFile): Disk {
  return { ...disk, open: async (path, options) => change(await disk.open(path, options), path) };
}
