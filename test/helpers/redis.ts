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
  stop(): Promise<void>;
}

/** Debian's `redis-server`, keeping nothing on disk; installed first where it is missing and we may. */
export async function startRedis(): Promise<RedisServer> {
  if (!existsSync("/usr/bin/redis-server"))
    execFileSync("apt-get", ["install", "-y", "-qq", "redis-server"], { stdio: "ignore" });
  const dir = mkdtempSync(join(tmpdir(), "modelkeep-redis-"));
  const url = join(dir, "redis.sock");
  const server = spawn(
    "/usr/bin/redis-server",
    ["--port", "0", "--unixsocket", url, "--save", "", "--appendonly", "no", "--dir", dir],
    {
      stdio: "ignore",
    },
  );
  for (let attempt = 0; !existsSync(url); attempt++) {
    if (attempt === 100) throw new Error("redis-server did not start");
    await sleep(50);
  }
  return {
    url,
    hang: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    async stop() {
      const gone = new Promise((resolve) => server.once("exit", resolve));
      server.kill("SIGKILL");
      await gone;
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
