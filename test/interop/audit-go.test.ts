import { execFile, spawnSync } from "node:child_process";
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, normalize } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditConfig, createAuditLog, openSigner, verifyLog } from "../../src/guard/audit/index.ts";
import type { AuditLog } from "../../src/guard/audit/index.ts";
import { createFolderDisk } from "../../src/base/port/index.node.ts";
import { answered } from "../helpers/audit.ts";

const run = promisify(execFile);
const env = { ...process.env, PATH: [process.env["PATH"], "/usr/local/go/bin"].join(delimiter) };
const hasGo = spawnSync("go", ["version"], { env }).status === 0;
// In CI a missing Go is a failure: a proof by others' code that is skipped proves nothing.
const skip = !hasGo && process.env["CI"] === undefined;
const tesseraFsck = "github.com/transparency-dev/tessera/cmd/fsck@v1.0.4";
const entries = 66_000; // three levels of tiles

const work = mkdtempSync(join(tmpdir(), "modelkeep-audit-go-"));
const dir = join(work, "audit");
const at = (name: string) => join(work, name);
let log: AuditLog;
let server: Server;

/** Serves a log's folder as any static web server would. */
function serve(root: string): Promise<Server> {
  const created = createServer((request, response) => {
    const path = join(root, normalize(`/${new URL(request.url ?? "/", "http://localhost").pathname}`));
    const file = createReadStream(path);
    file.on("open", () => file.pipe(response));
    file.on("error", () => response.writeHead(404).end());
  });
  return new Promise((resolve) => created.listen(0, "127.0.0.1", () => resolve(created)));
}

beforeAll(async () => {
  if (skip) return;
  expect(hasGo, "Go is needed: install it, or put it into PATH").toBe(true);
  await run("go", ["build", "-o", at("audit-verify"), "."], { cwd: join(import.meta.dirname, "go/audit-verify"), env });
  await run("go", ["install", tesseraFsck], { cwd: work, env: { ...env, GOBIN: work } });
  const config = auditConfig.parse({ origin: "modelkeep.example/replica-1" });
  log = await createAuditLog({ dir, config, signer: await openSigner({ dir, config }) });
  const small = (n: number) => (n % 1000 === 0 ? answered(n) : { kind: "test", outcome: "done" as const, requestId: `${n}` });
  for (let n = 0; n < entries; n += 500) {
    await Promise.all(Array.from({ length: 500 }, (_, i) => log.append(small(n + i))));
    if (n === 30_000) writeFileSync(at("old"), await log.checkpoint());
  }
  await log.checkpoint();
  server = await serve(join(dir, "log"));
}, 600_000);

afterAll(async () => {
  server?.close();
  await log?.close();
  rmSync(work, { recursive: true, force: true });
});

describe.skipIf(skip)("an audit log in the hands of others", () => {
  it("is verified by Go's checksum database code: note, root, tiles, inclusion, consistency", async () => {
    const proofs: string[] = [];
    for (const index of [0, 255, 256, 1000, 40_000, 65_535, 65_536, entries - 1]) {
      writeFileSync(at(`proof-${index}`), await log.prove(index));
      writeFileSync(at(`entry-${index}`), (await log.raw(index))!);
      proofs.push("-proof", at(`proof-${index}`), "-entry", at(`entry-${index}`));
    }
    const old = Number(readFileSync(at("old"), "utf8").split("\n")[1]);
    writeFileSync(at("consistency"), (await log.proveConsistency(old)).proof.join("\n"));
    const key = at("key");
    writeFileSync(key, log.verifierKey);
    const args = ["-log", join(dir, "log"), "-key", key, ...proofs, "-old", at("old"), "-consistency", at("consistency")];
    const { stdout } = await run(at("audit-verify"), args);
    const ours = await verifyLog({ disk: createFolderDisk(dir), key: log.verifierKey, checkpoint: readFileSync(at("old")) });
    expect(ours.ok).toBe(true);
    expect(JSON.parse(stdout)).toEqual({ origin: "modelkeep.example/replica-1", size: entries, root: ours.root, proofs: 8 });
  });

  it("is refused by the same code after any change to entry, proof, key or tile", async () => {
    const base = ["-log", join(dir, "log"), "-key", at("key")];
    const refusal = (args: string[]) =>
      run(at("audit-verify"), args).then(
        () => "accepted",
        (error: { stderr: string }) => error.stderr,
      );
    writeFileSync(at("changed"), Buffer.from(readFileSync(at("entry-1000"))).fill(0x7a, 20, 21));
    expect(await refusal([...base, "-proof", at("proof-1000"), "-entry", at("changed")])).toMatch(/invalid transparency proof/);
    expect(await refusal([...base, "-proof", at("proof-0"), "-entry", at("entry-1000")])).toMatch(/invalid transparency proof/);
    writeFileSync(at("other-key"), log.verifierKey.replace("replica-1", "replica-2"));
    expect(await refusal(["-log", join(dir, "log"), "-key", at("other-key")])).toMatch(/key/);
    await withFlippedByte(join(dir, "log/tile/0/007"), async () => expect(await refusal(base)).toMatch(/tiles/));
    await withFlippedByte(join(dir, "log/tile/entries/007"), async () => expect(await refusal(base)).not.toBe("accepted"));
    await withFlippedByte(join(dir, "log/checkpoint"), async () => expect(await refusal(base)).not.toBe("accepted"));
  });

  it("passes Tessera's fsck when it is served as static files", async () => {
    expect(await fsck()).toMatch(new RegExp(`Successfully fsck'd log with size ${entries} and root`));
  });

  it("fails Tessera's fsck after one flipped byte in a tile or a bundle", async () => {
    // Its exit code is 0 either way, and it may not return at all: only the success line counts.
    for (const path of ["log/tile/0/012", "log/tile/1/000", "log/tile/entries/100"]) {
      await withFlippedByte(join(dir, path), async () => expect(await fsck()).not.toMatch(/Successfully fsck'd/));
    }
  });
});

async function fsck(): Promise<string> {
  const { port } = server.address() as AddressInfo;
  const args = [`--storage_url=http://127.0.0.1:${port}/`, `--public_key=${at("key")}`, "--ui=false", "--N=4", "--logtostderr"];
  const done = run(join(work, "fsck"), args, { timeout: 60_000 });
  return done.then(
    ({ stdout, stderr }) => stdout + stderr,
    (error: { stdout: string; stderr: string }) => error.stdout + error.stderr,
  );
}

async function withFlippedByte(path: string, use: () => Promise<void>): Promise<void> {
  expect(existsSync(path)).toBe(true);
  const bytes = readFileSync(path);
  const changed = Buffer.from(bytes);
  changed[changed.length - 40]! ^= 1;
  writeFileSync(path, changed);
  try {
    await use();
  } finally {
    writeFileSync(path, bytes);
  }
}
