import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { auditConfig, createAuditLog, openSigner, verifyLog } from "../../src/guard/audit/index.ts";
import { createFolderDisk } from "../../src/base/port/index.node.ts";

const dir = mkdtempSync(join(tmpdir(), "modelkeep-audit-kill-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

beforeAll(() => {
  const built = join(import.meta.dirname, "../../dist/guard/audit/index.js");
  expect(existsSync(built), "run `npm run build` first: child processes start from dist/").toBe(true);
});

/** Lets the writer run until it has acknowledged something, kills it after a while, and returns what it had acknowledged. */
async function runAndKill(run: number, lifeMs: number): Promise<Map<number, string>> {
  const writer = spawn(process.execPath, [join(import.meta.dirname, "audit-writer.mjs"), dir, `run${run}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let printed = "";
  let timer: NodeJS.Timeout | undefined;
  writer.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.length > 500) timer ??= setTimeout(() => writer.kill("SIGKILL"), lifeMs);
  });
  const [code, signal] = (await once(writer, "close")) as [number | null, string | null];
  clearTimeout(timer);
  expect([code, signal]).toEqual([null, "SIGKILL"]);
  // The last line may be cut; it is then not counted as acknowledged.
  const lines = printed.slice(0, printed.lastIndexOf("\n")).split("\n").slice(1);
  return new Map(lines.map((line) => [Number(line.split(" ")[0]), line.split(" ")[1]!]));
}

it("kill -9 at random points under load loses no acknowledged entry, and the log verifies after each restart", async () => {
  const acknowledged = new Map<number, string>();
  let saved: string | undefined;
  for (let run = 0; run < 8; run++) {
    for (const [index, id] of await runAndKill(run, 30 + Math.random() * 400)) {
      expect(acknowledged.has(index), `entry ${index} was given out twice`).toBe(false);
      acknowledged.set(index, id);
    }
    const config = auditConfig.parse({});
    const log = await createAuditLog({ dir, config, signer: await openSigner({ dir, config }) });
    const missing: string[] = [];
    for (const [index, id] of acknowledged) if ((await log.get(index))?.evidence.requestId !== id) missing.push(`${index} ${id}`);
    expect(missing).toEqual([]);
    const next = await log.checkpoint();
    await log.close();
    const verdict = await verifyLog({ disk: createFolderDisk(dir), key: log.verifierKey, checkpoint: saved });
    expect(verdict.reasons).toEqual([]);
    saved = next;
  }
  expect(acknowledged.size).toBeGreaterThan(100);
});
