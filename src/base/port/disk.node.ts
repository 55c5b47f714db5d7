import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rmdir, stat, statfs, unlink } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Disk, DiskEntry, DiskFile } from "./disk.ts";

/** A folder of this machine as a {@link Disk}. The folder must exist; what is made inside is for its owner alone. */
export function createFolderDisk(root: string): Disk {
  const at = (path: string) => join(root, path);
  return {
    async read(path) {
      const handle = await openIfThere(at(path));
      if (handle === undefined) return undefined;
      try {
        return await handle.readFile();
      } finally {
        await handle.close();
      }
    },
    async size(path) {
      const found = await orMissing(stat(at(path)));
      return found?.isFile() ? found.size : undefined;
    },
    async list(folder) {
      const found = (await orMissing(readdir(at(folder), { withFileTypes: true }))) ?? [];
      return found
        .map((entry): DiskEntry => ({ name: entry.name, kind: kindOf(entry) }))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(path, { synced = false } = {}) {
      const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
      const handle = await open(at(path), synced ? flags | syncingWrites : flags, 0o600);
      return appendable(handle, synced && syncingWrites === 0);
    },
    rename: (from, to) => rename(at(from), at(to)),
    async remove(path) {
      await orMissing(unlink(at(path)));
    },
    async makeFolder(path) {
      await mkdir(at(path), { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
      });
    },
    async removeFolder(path) {
      await rmdir(at(path)).catch((error: NodeJS.ErrnoException) => {
        if (!["ENOENT", "ENOTEMPTY", "EEXIST"].includes(error.code ?? "")) throw error;
      });
    },
    async syncFolder(path) {
      const handle = await open(at(path), constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
    async space() {
      const { bavail, blocks, bsize } = await statfs(root);
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
    },
  };
}

// One call in place of two, and one turn of the thread pool. Elsewhere than on Linux the flag may stop short of the drive's own cache.
const syncingWrites = process.platform === "linux" ? constants.O_DSYNC : 0;

function appendable(handle: FileHandle, syncs: boolean): DiskFile {
  return {
    async append(bytes) {
      // write(2) may stop short, for example on a disk about to run full.
      for (let done = 0; done < bytes.length;) done += (await handle.write(bytes, done)).bytesWritten;
      if (syncs) await handle.datasync();
    },
    // fdatasync also flushes the length, when it changed: everything needed to read the data back (POSIX, fdatasync).
    sync: () => handle.datasync(),
    truncate: (sizeBytes) => handle.truncate(sizeBytes),
    close: () => handle.close(),
  };
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  return orMissing(open(path, constants.O_RDONLY | constants.O_NOFOLLOW));
}

async function orMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): DiskEntry["kind"] {
  if (entry.isFile()) return "file";
  return entry.isDirectory() ? "folder" : "other";
}
