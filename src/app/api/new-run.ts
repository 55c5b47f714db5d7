import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";

/** Makes a new folder below `runs`, named by time and lot, whatever the run is of. */
export async function newRun(runs: string, nowMs: number): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, "").slice(0, 15);
  const path = join(runs, `${stamp}-${randomBytes(3).toString("hex")}`);
  await mkdir(path, { recursive: true });
  return path;
}
