import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import type {} from "./errors.ts";

/** Who holds a state folder, as the lock file says it. */
export interface Holder {
  readonly pid: number;
  /** When the kernel started that process, so that a recycled process id is not taken for it; undefined where /proc is not. */
  readonly started: string | undefined;
  readonly host: string;
  readonly token: string;
  /** The admin socket, once it listens. */
  readonly socket?: string;
}

export interface Lock {
  update(more: { readonly socket: string }): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the lock at `file`. A lock whose process is gone is taken over; `link` makes sure that only one process gets it.
 *
 * @throws `host/state-in-use` with the holder.
 */
export async function acquireLock(file: string): Promise<Lock> {
  let self: Holder = { pid: process.pid, started: startOf(process.pid), host: hostname(), token: randomBytes(8).toString("hex") };
  for (let attempt = 0; attempt < 20; attempt++) {
    if (await linkAs(file, self)) return { update, release };
    const holder = await readHolder(file);
    if (holder === undefined && attempt < 3) continue; // released between the two looks
    if (holder !== undefined && isAlive(holder)) throw inUse(holder, file);
    await takeAway(file, holder);
  }
  throw inUse(undefined, file);

  async function update(more: { readonly socket: string }): Promise<void> {
    self = { ...self, ...more };
    await writeFile(`${file}.${self.token}`, JSON.stringify(self), { mode: 0o600 });
    await rename(`${file}.${self.token}`, file);
  }

  async function release(): Promise<void> {
    if ((await readHolder(file))?.token === self.token) await rm(file, { force: true });
  }
}

/** The process that holds the lock now, or undefined when none does or it is gone. */
export async function currentHolder(file: string): Promise<Holder | undefined> {
  const holder = await readHolder(file);
  return holder !== undefined && isAlive(holder) ? holder : undefined;
}

async function linkAs(file: string, self: Holder): Promise<boolean> {
  const own = `${file}.${self.token}`;
  await writeFile(own, JSON.stringify(self), { mode: 0o600 });
  try {
    await link(own, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(own, { force: true });
  }
}

/** Moves a dead holder's lock (or one that a power cut left without content) aside; when another process was faster and the lock is a live one by now, it is put back. */
async function takeAway(file: string, dead: Holder | undefined): Promise<void> {
  const aside = `${file}.dead-${randomBytes(8).toString("hex")}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.token !== dead?.token) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  if (holder.host !== hostname()) return true; // a shared volume: that machine's processes cannot be seen from here
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
  }
  return holder.started === undefined || startOf(holder.pid) === holder.started;
}

/** Start time in clock ticks since boot: field 22 of /proc/PID/stat (proc(5)), counted after the name, which may hold spaces. */
function startOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    return undefined;
  }
}

function inUse(holder: Holder | undefined, file: string): ModelkeepError {
  const who = holder === undefined ? "another process" : `process ${holder.pid} on ${quote(holder.host)}`;
  return new ModelkeepError("host/state-in-use", {
    message: `the state folder is in use by ${who}`,
    hint:
      holder === undefined || holder.host === hostname()
        ? "stop that process, or give another folder with `--state DIR`; the embedded database is never opened twice"
        : `whether it runs cannot be seen from here: stop it there; if that machine or container is gone, remove ${quote(file, 160)}`,
  });
}
