import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Renderer } from "../engine/render.ts";

/** How each program prints manifests without a cluster and without the network; the first that is installed is taken. */
const commands = {
  helm: [(path: string) => ["helm", "template", "scan", path]],
  kustomize: [(path: string) => ["kustomize", "build", path], (path: string) => ["kubectl", "kustomize", path]],
} as const;

/** The programs of this machine, on one folder. They get no environment but a path and an empty home, and thirty seconds. */
export function rendererFor(folder: string): Renderer {
  return {
    render(program) {
      const home = mkdtempSync(join(tmpdir(), "modelkeep-render-"));
      try {
        for (const command of commands[program]) {
          const [name, ...args] = command(resolve(folder));
          const env = {
            PATH: process.env["PATH"] ?? "",
            HOME: home,
            XDG_CACHE_HOME: home,
            XDG_CONFIG_HOME: home,
            XDG_DATA_HOME: home,
          };
          const done = spawnSync(name!, args, {
            env,
            encoding: "utf8",
            timeout: 30_000,
            maxBuffer: 64 << 20,
            stdio: ["ignore", "pipe", "pipe"],
          });
          if ((done.error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") continue;
          if (done.status === 0) return { text: done.stdout };
          return {
            reason: `${name} says: ${(done.stderr ?? "").trim().split("\n").at(-1)?.slice(0, 300) || "nothing, within its time"}`,
          };
        }
        return { reason: `no ${program} is installed` };
      } finally {
        rmSync(home, { recursive: true, force: true });
      }
    },
  };
}
