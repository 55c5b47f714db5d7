import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface RedisServer {
  /** A socket in a folder of its own: no port is taken. */
  readonly url: string;
  /** Leaves the connection open and answers nothing, as a machine that hangs does. */
  hang(): void;
  resume(): void;
  /** Loses everything, as it does without a disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Debian's `redis-server`, keeping nothing on disk; installed first where it is missing and we may. */
export async function startRedis(): Promise<RedisServer> {
  if (!existsSync("/usr/bin/redis-server"))
    execFileSync("apt-get", ["install", "-y", "-qq", "redis-server"], { stdio: "ignore" });
  const dir = mkdtempSync(join(tmpdir(), "modelkeep-redis-"));
  const url = join(dir, "redis.sock");
  let server: ReturnType<typeof spawn>;

  async function start(): Promise<void> {
    rmSync(url, { force: true });
    const flags = ["--port", "0", "--unixsocket", url, "--save", "", "--appendonly", "no", "--dir", dir];
    server = spawn("/usr/bin/redis-server", flags, { stdio: "ignore" });
    for (let attempt = 0; !existsSync(url); attempt++) {
      if (attempt === 100) throw new Error("redis-server did not start");
      await sleep(50);
    }
  }

  async function kill(): Promise<void> {
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  }

  await start();
  return {
    url,
    hang: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    async restart() {
      await kill();
      await start();
    },
    async stop() {
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
