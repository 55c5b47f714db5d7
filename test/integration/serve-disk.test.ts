import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { infer, openHouse, type House, type RunningKeep } from "../helpers/keep.ts";

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function open(config: object = {}): House {
  const house = openHouse({ config });
  cleanups.push(() => house.close());
  return house;
}

/** A file system of that size at `dir`, which only root can mount. */
function mountSmall(dir: string, mebibytes: number): boolean {
  mkdirSync(dir, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m,mode=700`, "tmpfs", dir], { stdio: "ignore" });
  } catch {
    return false;
  }
  cleanups.push(() => void execFileSync("umount", ["-l", dir]));
  return true;
}

/** Takes all space but `leaveBytes`. */
function fill(dir: string, leaveBytes: number): string {
  const ballast = join(dir, "ballast");
  const { bavail, bsize } = statfsSync(dir);
  const bytes = bavail * bsize - leaveBytes;
  execFileSync("fallocate", ["-l", String(bytes), ballast]);
  return ballast;
}

const bytesUnder = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + (statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0), 0);

const statusOf = async (keep: RunningKeep, key?: string): Promise<number> => {
  const answer = await infer({ url: keep.url, key });
  await answer.arrayBuffer();
  return answer.status;
};

/** Asks until it is refused for want of a log, and gives how often it was answered before. */
async function askUntilRefused(keep: RunningKeep, atMost: number): Promise<number> {
  for (let answered = 0; answered < atMost; answered++) {
    const status = await statusOf(keep, keep.key);
    if (status === 503) return answered;
    expect(status).toBe(200);
  }
  throw new Error("the disk never filled");
}

const canMount = ((): boolean => {
  const done = mountSmall("/tmp/modelkeep-can-mount", 1);
  for (const cleanup of cleanups.splice(0)) void cleanup();
  rmSync("/tmp/modelkeep-can-mount", { recursive: true, force: true });
  return done;
})();

describe("a full disk", () => {
  it.runIf(canMount)(
    "is 503 for callers, loses nothing that was answered, and is over when there is space again",
    { timeout: 240_000 },
    async () => {
      const house = open();
      expect(mountSmall(house.stateDir, 192)).toBe(true);
      const keep = await house.serve();
      expect(await statusOf(keep, keep.key)).toBe(200);
      const ballast = fill(house.stateDir, 65_536);
      await askUntilRefused(keep, 3000);
      const refused = await infer(keep);
      expect(refused.status).toBe(503);
      expect(refused.headers.get("retry-after")).toMatch(/^\d+$/);
      expect(await refused.text()).not.toMatch(/ENOSPC|\/tmp/);
      expect((await fetch(`${keep.url}/v2/health/live`)).status).toBe(200);
      expect((await fetch(`${keep.url}/v2/health/ready`)).status).toBe(503);
      expect(await statusOf(keep)).toBe(401); // strangers are still strangers
      rmSync(ballast);
      await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(200);
      expect((await fetch(`${keep.url}/v2/health/ready`)).status).toBe(200);
      expect((await keep.end()).code).toBe(0);
      expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
      const again = await house.serve();
      expect(await statusOf(again, again.key)).toBe(200);
    },
  );

  it.runIf(canMount)("keeps its last space for callers: strangers are counted, not entered", { timeout: 600_000 }, async () => {
    const house = open({ firewall: { bans: { automatic: false }, limits: { stranger: { perSecond: 100_000 } } } });
    expect(mountSmall(house.stateDir, 192)).toBe(true);
    const keep = await house.serve();
    fill(house.stateDir, 6 << 20); // below the reserve, which is a twentieth of the disk here
    await expect
      .poll(async () => {
        const before = bytesUnder(join(house.stateDir, "audit"));
        for (let i = 0; i < 15; i++) await statusOf(keep, "mk_bad");
        return bytesUnder(join(house.stateDir, "audit")) - before;
      })
      .toBeLessThan(1024);
    expect(await statusOf(keep, keep.key)).toBe(200);
    expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
  });

  it(
    "as the kernel's limit on a file's size makes one is 503 too, and is over when the limit is lifted",
    { timeout: 600_000 },
    async () => {
      const house = open();
      const keep = await house.serve();
      expect(await statusOf(keep, keep.key)).toBe(200);
      const limit = (bytes: string): void =>
        void execFileSync("prlimit", ["--pid", String(keep.pid), `--fsize=${bytes}:unlimited`], { stdio: "ignore" });
      limit("4096"); // the journal of the log, like every other file, ends there
      await askUntilRefused(keep, 500);
      expect(await statusOf(keep, keep.key)).toBe(503);
      limit("unlimited");
      await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(200);
      expect((await keep.end()).code).toBe(0);
      expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
    },
  );
});

it("a database that never answers again, because its disk failed under it, does not keep the service from ending", async () => {
  const house = open();
  const keep = await house.serve();
  const limit = (bytes: string): void =>
    void execFileSync("prlimit", ["--pid", String(keep.pid), `--fsize=${bytes}:unlimited`], { stdio: "ignore" });
  limit("4096");
  await askUntilRefused(keep, 500);
  // Its index is written once a second: to a database that cannot grow its log and turns in a circle from then on, or fails.
  await expect.poll(() => keep.stderr(), { interval: 200 }).toContain("audit index is behind");
  limit("unlimited");
  expect((await keep.end()).code).toBe(0);
  expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
});

describe("a signing key that is gone", () => {
  const keyFile = (house: House): string => join(house.stateDir, "audit", "signing.key");

  it("is 503 for callers until it is back", { timeout: 90_000 }, async () => {
    const house = open();
    const keep = await house.serve();
    expect(await statusOf(keep, keep.key)).toBe(200);
    const file = keyFile(house);
    renameSync(file, `${house.dir}/taken`);
    await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(503);
    renameSync(`${house.dir}/taken`, file);
    await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(200);
    expect((await keep.end()).code).toBe(0);
    expect(house.json<{ ok: boolean }>("audit", "verify").ok).toBe(true);
  });

  it("is 503 too where the configuration named it", { timeout: 90_000 }, async () => {
    const house = open({ audit: { key: "file:log-key.pem" } });
    const file = house.path("log-key.pem");
    execFileSync("openssl", ["genpkey", "-algorithm", "ed25519", "-out", file], { stdio: "ignore" });
    chmodSync(file, 0o600);
    const keep = await house.serve();
    expect(await statusOf(keep, keep.key)).toBe(200);
    renameSync(file, `${file}.away`);
    await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(503);
    renameSync(`${file}.away`, file);
    await expect.poll(() => statusOf(keep, keep.key), { timeout: 60_000, interval: 200 }).toBe(200);
  });

  it("before a start is an error with a hint, never a new key over an old log", async () => {
    const house = open();
    await (await house.serve()).end();
    rmSync(keyFile(house));
    const said = house.cli("serve", "--port", "0");
    expect(said.status).toBe(2);
    expect(said.stderr).toMatch(/hint:/);
    expect(existsSync(join(house.stateDir, "lock"))).toBe(false);
  });
});
