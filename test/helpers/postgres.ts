import { execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "./free-port.ts";

export interface Postgres {
  /** Address of a fresh database for the asker alone. */
  database(): Promise<string>;
  /** Kills the server as a power cut would; `start` brings it back. */
  kill(): Promise<void>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** A PostgreSQL server of Debian's package, in a folder and on a port of its own. It refuses to run as root, so root becomes `postgres`. */
export async function startPostgres(): Promise<Postgres> {
  const version = readdirSync("/usr/lib/postgresql").toSorted((a, b) => Number(b) - Number(a))[0]!;
  const bin = (name: string): string => join("/usr/lib/postgresql", version, "bin", name);
  const dir = mkdtempSync(join(tmpdir(), "modelkeep-pg-"));
  const root = process.getuid?.() === 0;
  const owner = root ? (execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }).trim() as `${number}`) : undefined;
  const as =
    owner === undefined
      ? {}
      : { uid: Number(owner), gid: Number(execFileSync("id", ["-g", "postgres"], { encoding: "utf8" }).trim()) };
  if (owner !== undefined) {
    chmodSync(dir, 0o755);
    execFileSync("chown", ["postgres", dir]);
  }
  const data = join(dir, "data");
  execFileSync(bin("initdb"), ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync"], { ...as, stdio: "ignore", cwd: "/" });
  const port = await freePort();
  const url = (name: string): string => `postgres://postgres@127.0.0.1:${port}/${name}`;
  let server: ReturnType<typeof spawn> | undefined;
  let databases = 0;

  async function start(): Promise<void> {
    server = spawn(bin("postgres"), ["-D", data, "-p", String(port), "-k", "", "-c", "listen_addresses=127.0.0.1"], {
      ...as,
      stdio: "ignore",
      cwd: "/",
    });
    for (let attempt = 0; attempt < 150; attempt++) {
      try {
        execFileSync(bin("pg_isready"), ["-h", "127.0.0.1", "-p", String(port), "-q"]);
        return;
      } catch {
        await sleep(100);
      }
    }
    throw new Error("PostgreSQL did not start");
  }

  async function end(signal: "SIGKILL" | "SIGINT"): Promise<void> {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null) return;
    const gone = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await gone;
    // Killed like that, its children need a moment to notice.
    if (signal === "SIGKILL") await sleep(500);
  }

  await start();
  return {
    async database() {
      const name = `test_${++databases}`;
      execFileSync(bin("createdb"), ["-h", "127.0.0.1", "-p", String(port), "-U", "postgres", name]);
      return url(name);
    },
    kill: () => end("SIGKILL"),
    start,
    async stop() {
      await end("SIGINT");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
