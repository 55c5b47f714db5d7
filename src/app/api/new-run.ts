import { randomBytes } from "node:crypto";
import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { cannotWrite } from "./cannot-write.ts";

/** Makes a new folder below `runs`, named by time and lot, whatever the run is of. @throws api/cannot-write */
export async function newRun(runs: string, nowMs: number): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]/g, "").slice(0, 15);
  const path = join(runs, `${stamp}-${randomBytes(3).toString("hex")}`);
  try {
    await makeFolder(resolve(path));
  } catch (error) {
    throw cannotWrite(path, error);
  }
  return path;
}

/** Node's own recursive mkdir never ends where a folder can be made nowhere, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  if (await isThere(path)) return;
  await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Another run may have made it meanwhile.
    if (!(await isThere(path))) throw error;
  });
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
