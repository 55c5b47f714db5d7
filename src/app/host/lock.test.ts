import { fork, spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { acquireLock, currentHolder } from "./lock.ts";

const dir = await mkdtemp(join(tmpdir(), "modelkeep-lock-"));
afterAll(() => rm(dir, { recursive: true, force: true }));
let count = 0;
const fresh = (): string => join(dir, `lock-${count++}`);
const goneProcess = (): number => spawnSync("true").pid;

describe("the lock of a state folder", () => {
  it("is held by one, names the holder to others, and is free after release", async () => {
    const file = fresh();
    const lock = await acquireLock(file);
    await lock.update({ socket: "/run/x.sock" });
    await expect(acquireLock(file)).rejects.toMatchObject({
      code: "host/state-in-use",
      message: expect.stringContaining(`process ${process.pid}`),
    });
    expect(await currentHolder(file)).toMatchObject({ pid: process.pid, socket: "/run/x.sock" });
    await lock.release();
    expect(await currentHolder(file)).toBeUndefined();
    await (await acquireLock(file)).release();
  });

  it("of a process that was killed is taken over by exactly one of many", async () => {
    const file = fresh();
    await writeFile(file, JSON.stringify({ pid: goneProcess(), started: "1", host: hostname(), token: "dead" }));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => acquireLock(file)));
    expect(tries.filter(({ status }) => status === "fulfilled").length).toBe(1);
  });

  it("is taken over when its process id belongs to another process by now", async () => {
    const file = fresh();
    const child = fork("-e", [], { execArgv: ["-e", "setInterval(()=>{},1000)"], stdio: "ignore" });
    await writeFile(file, JSON.stringify({ pid: child.pid, started: "12", host: hostname(), token: "recycled" }));
    await (await acquireLock(file)).release();
    child.kill("SIGKILL");
  });

  it("of another machine is respected, because its processes cannot be seen", async () => {
    const file = fresh();
    await writeFile(file, JSON.stringify({ pid: goneProcess(), host: `not-${hostname()}`, token: "far" }));
    await expect(acquireLock(file)).rejects.toMatchObject({
      code: "host/state-in-use",
      hint: expect.stringContaining(`container is gone, remove \`${file}\``) as string,
    });
  });

  it("that a power cut left empty is taken over", async () => {
    const file = fresh();
    await writeFile(file, "");
    await (await acquireLock(file)).release();
  });

  it("leaves no other file behind", async () => {
    const names = await readdir(dir);
    expect(names.filter((name) => !/^lock-\d+$/.test(name))).toEqual([]);
  });
});
