import { chmod, mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ModelkeepError, quote } from "../../base/error/index.ts";
import { acquireLock } from "./lock.ts";
import type {} from "./errors.ts";

/** The one folder that everything we keep lies in. Holding it means that no other process of ours works in it. */
export interface StateFolder {
  readonly dir: string;
  readonly auditDir: string;
  readonly databaseDir: string;
  /** Where a first start leaves the first key. */
  readonly firstKeyFile: string;
  /** Tells other processes how to reach this one. */
  announce(socket: string): Promise<void>;
  close(): Promise<void>;
}

const layout = 1;

/**
 * Makes the folder (mode 0700) and takes its lock.
 *
 * @throws `host/state-in-use`, `host/state-unusable`, `host/state-newer`
 */
export async function openStateFolder(dir: string): Promise<StateFolder> {
  await makePrivate(dir);
  const lock = await acquireLock(join(dir, "lock"));
  try {
    await checkLayout(join(dir, "layout"));
  } catch (error) {
    await lock.release();
    throw error;
  }
  return {
    dir,
    auditDir: join(dir, "audit"),
    databaseDir: join(dir, "database"),
    firstKeyFile: join(dir, "first-key"),
    announce: (socket) => lock.update({ socket }),
    close: () => lock.release(),
  };
}

async function makePrivate(dir: string): Promise<void> {
  try {
    const made = await mkdir(dir, { recursive: true, mode: 0o700 });
    if (made !== undefined) await chmod(dir, 0o700); // the umask may have taken more than we asked
    const { mode, uid } = await stat(dir);
    const ours = process.getuid === undefined || uid === process.getuid();
    if (ours && (mode & 0o077) !== 0) await chmod(dir, 0o700);
    if (!ours) throw new Error(`it belongs to user ${uid}`);
  } catch (cause) {
    throw new ModelkeepError("host/state-unusable", {
      message: `the state folder ${quote(dir)} cannot be used: ${quote((cause as Error).message)}`,
      hint: "give another with `--state DIR`, one that this user owns",
      cause,
    });
  }
}

async function checkLayout(file: string): Promise<void> {
  const written = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (written === undefined) {
    await writeFile(`${file}.new`, `${layout}\n`, { mode: 0o600 });
    await rename(`${file}.new`, file);
  } else if (!(Number(written) <= layout)) {
    throw new ModelkeepError("host/state-newer", {
      message: `the state folder has layout ${quote(written.trim())}, this program knows ${layout}`,
      hint: "it was written by a newer Modelkeep: run that version",
    });
  }
}
