import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { answered, filesBelow, openLog, putFile } from "../../../test/helpers/audit.ts";
import { createMemoryDisk } from "../../../test/helpers/memory-disk.ts";
import type { Logger } from "../../base/log/index.ts";
import { createFolderObjects } from "../../base/objects/index.node.ts";
import type { Objects } from "../../base/objects/index.ts";
import { createFolderDisk } from "../../base/port/index.node.ts";
import { systemClock } from "../../base/port/index.ts";
import { verifyLog } from "./verify.ts";

const root = mkdtempSync(join(tmpdir(), "modelkeep-publish-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const publishing = { settings: { integrateMs: 10, publish: { prefix: "logs" } }, clock: systemClock };

describe("a published log", () => {
  it("verifies on its own, wherever it was read while it grew", async () => {
    const folder = join(root, "grows");
    const objects = createFolderObjects(folder);
    const disk = createMemoryDisk();
    const log = await openLog(disk, { ...publishing, objects });
    const published = createFolderDisk(join(folder, "logs", ...log.origin.split("/")));
    for (let n = 0; n < 700; n += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, i) => log.append(answered(n + i))));
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (n === 300) {
        const verdict = await vi.waitFor(async () => {
          const early = await verifyLog({ disk: published, key: log.verifierKey });
          expect(early.reasons).toEqual([]);
          return early;
        }, 60_000);
        expect(verdict.size).toBeGreaterThan(0);
      }
    }
    await log.close();
    const files = await filesBelow(disk, "log");
    const copies = await filesBelow(published, "");
    expect([...copies.keys()]).toEqual([...files.keys()].map((path) => path.slice(4)));
    expect(await verifyLog({ disk: published, key: log.verifierKey })).toMatchObject({ ok: true, size: 700 });
  });

  it("goes on after the store was away, and never holds up an entry", async () => {
    const inner = createFolderObjects(join(root, "away"));
    let away = true;
    const objects: Objects = {
      ...inner,
      async put(key, body) {
        if (away) throw new Error("the store does not answer");
        return inner.put(key, body);
      },
    };
    const log = await openLog(createMemoryDisk(), { ...publishing, objects });
    await Promise.all(Array.from({ length: 300 }, (_, n) => log.append(answered(n))));
    expect(log.accepting()).toEqual({ ok: true });
    await log.flush();
    away = false;
    await log.close();
    const disk = createFolderDisk(join(root, "away", "logs", ...log.origin.split("/")));
    expect(await verifyLog({ disk, key: log.verifierKey })).toMatchObject({ ok: true, size: 300 });
  });

  it("is an outside memory: a log that was cut and went on does not overwrite it", async () => {
    const objects = createFolderObjects(join(root, "cut"));
    const disk = createMemoryDisk();
    const log = await openLog(disk, { ...publishing, objects });
    await log.append(answered(0));
    await log.flush();
    const early = await filesBelow(disk, "log");
    await Promise.all([1, 2, 3].map((n) => log.append(answered(n))));
    await log.close();
    for (const path of (await filesBelow(disk, "log")).keys()) await disk.remove(path);
    for (const [path, bytes] of early) await putFile(disk, path, bytes);

    const warn = vi.fn<Logger["warn"]>();
    const cut = await openLog(disk, { ...publishing, objects, log: { debug() {}, info() {}, warn, error() {} } });
    await Promise.all(Array.from({ length: 9 }, (_, n) => cut.append(answered(100 + n))));
    await cut.close();
    expect(warn.mock.calls.map(([, fields]) => (fields?.["error"] as { code?: string } | undefined)?.code)).toContain(
      "audit/published-differs",
    );
    const published = createFolderDisk(join(root, "cut", "logs", ...cut.origin.split("/")));
    expect(await verifyLog({ disk: published, key: cut.verifierKey })).toMatchObject({ ok: true, size: 4 });
  });
});
