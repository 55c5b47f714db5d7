/**
 * A folder as a port, small enough that a test can stand in for the machine's: one that forgets what was not synced, fills up, or
 * tears a write in two. Paths are relative, with forward slashes. Failures carry the system's code (`ENOSPC`, `EIO`).
 */

/** A file open for appending. */
export interface DiskFile {
  /** Writes all bytes at the end, or throws; then any prefix of them may stand there. */
  append(bytes: Uint8Array): Promise<void>;
  /** Settles when content and length are durable. The file's name is durable only after {@link Disk.syncFolder}. */
  sync(): Promise<void>;
  /** Cuts the file to this length. */
  truncate(sizeBytes: number): Promise<void>;
  close(): Promise<void>;
}

export interface DiskEntry {
  readonly name: string;
  /** `other` is what we never write: a link, a socket. */
  readonly kind: "file" | "folder" | "other";
}

export interface Disk {
  /** The file's bytes, or undefined when there is none. Never follows a link. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** The file's length, or undefined when there is none. */
  size(path: string): Promise<number | undefined>;
  /** What the folder holds, by name; nothing when there is no folder. */
  list(folder: string): Promise<DiskEntry[]>;
  /** Opens a file for appending, creating it (mode 0600) when it is not there. When `synced`, an append settles durable, as if followed by a sync. */
  open(path: string, options?: { readonly synced?: boolean }): Promise<DiskFile>;
  /** Replaces `to` at once: a reader sees the old file or the new one. Durable after {@link Disk.syncFolder} of both folders. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file; removing what is not there is fine. */
  remove(path: string): Promise<void>;
  /** Makes a folder (mode 0700) inside one that exists; making it again is fine. */
  makeFolder(path: string): Promise<void>;
  /** Removes a folder when it is empty; one that is not, or is not there, stays as it is. */
  removeFolder(path: string): Promise<void>;
  /** Makes the names in a folder durable. `""` is the disk's root. */
  syncFolder(path: string): Promise<void>;
  space(): Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
}

/** The folder that a path lies in; `""` for the root. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Makes a folder with all its parents, each durable before the next. */
export async function ensureFolder(disk: Disk, path: string): Promise<void> {
  let made = "";
  for (const name of path.split("/")) {
    const next = made === "" ? name : `${made}/${name}`;
    await disk.makeFolder(next);
    await disk.syncFolder(made);
    made = next;
  }
}

/**
 * Writes a file whole or not at all, durably: through a file at `via`, which must lie on the same disk. Both folders must exist.
 * A crash leaves the old file, or the new one, and perhaps a leftover at `via`.
 */
export async function replaceFile(disk: Disk, path: string, bytes: Uint8Array, via: string): Promise<void> {
  // Never written into: after a crash in the middle of a rename, a leftover may be the very file that it was to become.
  await disk.remove(via);
  const file = await disk.open(via);
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(via, path);
  await disk.syncFolder(parentOf(path));
}
