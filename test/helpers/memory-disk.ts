import type { Disk, DiskEntry, DiskFile } from "../../src/base/port/index.ts";

/** A choice in [0, 1), for how much of what was not synced survives a crash. */
export type Chance = () => number;

export interface MemoryDisk extends Disk {
  /** Every byte and name that was not synced may be gone: with no chance given, all of it is. Files open before are dead after. */
  crash(chance?: Chance): void;
  /** From now on the disk holds this many bytes; `Infinity` empties the queue for space. */
  setCapacity(bytes: number): void;
  /** The `nth` change from now (0 is the next) fails with `code`, having done part of its work by `chance`. Later ones work again. */
  failAt(nth: number, code: string, chance?: Chance): void;
  /** The `nth` change from now and everything after it fails, until `crash`: the power is cut. */
  cutAt(nth: number, chance?: Chance): void;
  /** Every change fails with this code, until called without one. */
  failAll(code?: string): void;
  /** Changes made so far: writes, syncs, names. */
  readonly changes: number;
  readonly usedBytes: number;
}

interface Inode {
  content: Uint8Array;
  durable: Uint8Array;
}

type Node = { readonly file: Inode } | { readonly folder: Folder };

interface Folder {
  names: Map<string, Node>;
  durable: Map<string, Node>;
}

/** A disk in memory that keeps apart what was written and what is durable, as a machine does. */
export function createMemoryDisk(): MemoryDisk {
  const root: Folder = { names: new Map(), durable: new Map() };
  let capacity = Infinity;
  let changes = 0;
  let generation = 0;
  let failing: string | undefined;
  let fault: { at: number; code: string; sticky: boolean; chance: Chance } | undefined;

  function folderAt(path: string): Folder {
    let folder = root;
    for (const name of path.split("/").filter(Boolean)) {
      const node = folder.names.get(name);
      if (node === undefined || !("folder" in node)) throw failure("ENOENT", path);
      folder = node.folder;
    }
    return folder;
  }

  function lookup(path: string): Node | undefined {
    const [parent, name] = splitPath(path);
    try {
      return folderAt(parent).names.get(name);
    } catch {
      return undefined;
    }
  }

  /** Counts a change, and fails it when that is due; `partly` does what a failing change may still do. */
  function change(path: string, partly?: (share: number) => void): void {
    const at = changes++;
    if (failing !== undefined) throw failure(failing, path);
    if (fault === undefined || at < fault.at) return;
    if (!fault.sticky && at > fault.at) return;
    if (at === fault.at) partly?.(fault.chance());
    throw failure(fault.code, path);
  }

  const used = (folder: Folder): number =>
    [...folder.names.values()].reduce((sum, node) => sum + ("file" in node ? node.file.content.length : used(node.folder)), 0);

  function openFile(inode: Inode, path: string, synced: boolean): DiskFile {
    const born = generation;
    const alive = () => {
      if (born !== generation) throw failure("EBADF", path);
    };
    const extend = (bytes: Uint8Array) => {
      const next = new Uint8Array(inode.content.length + bytes.length);
      next.set(inode.content);
      next.set(bytes, inode.content.length);
      inode.content = next;
    };
    const file: DiskFile = {
      async append(bytes) {
        alive();
        change(path, (share) => extend(bytes.subarray(0, Math.floor(share * bytes.length))));
        const room = Math.max(0, capacity - used(root));
        extend(bytes.subarray(0, room));
        if (room < bytes.length) throw failure("ENOSPC", path);
        if (synced) await file.sync(); // a change of its own: the power may go between the two
      },
      async sync() {
        alive();
        // A failed sync may have written some of it, and does not say how much.
        change(path, (share) => {
          const kept = Math.floor(share * inode.content.length);
          if (kept > inode.durable.length) inode.durable = inode.content.slice(0, kept);
        });
        inode.durable = inode.content;
      },
      async truncate(sizeBytes) {
        alive();
        change(path);
        inode.content = inode.content.slice(0, sizeBytes);
      },
      async close() {},
    };
    return file;
  }

  return {
    async read(path) {
      const node = lookup(path);
      return node !== undefined && "file" in node ? node.file.content.slice() : undefined;
    },
    async size(path) {
      const node = lookup(path);
      return node !== undefined && "file" in node ? node.file.content.length : undefined;
    },
    async list(folder) {
      const node = folder === "" ? { folder: root } : lookup(folder);
      if (node === undefined || !("folder" in node)) return [];
      const entries = [...node.folder.names].map(([name, child]): DiskEntry => ({
        name,
        kind: "file" in child ? "file" : "folder",
      }));
      return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    async open(path, { synced = false } = {}) {
      const [parent, name] = splitPath(path);
      const folder = folderAt(parent);
      const known = folder.names.get(name);
      if (known !== undefined && "file" in known) return openFile(known.file, path, synced);
      if (known !== undefined) throw failure("EISDIR", path);
      change(path);
      const file: Inode = { content: new Uint8Array(), durable: new Uint8Array() };
      folder.names.set(name, { file });
      return openFile(file, path, synced);
    },
    async rename(from, to) {
      change(from);
      const [fromParent, fromName] = splitPath(from);
      const [toParent, toName] = splitPath(to);
      const node = folderAt(fromParent).names.get(fromName);
      if (node === undefined) throw failure("ENOENT", from);
      folderAt(toParent).names.set(toName, node);
      folderAt(fromParent).names.delete(fromName);
    },
    async remove(path) {
      change(path);
      const [parent, name] = splitPath(path);
      if (lookup(path) !== undefined) folderAt(parent).names.delete(name);
    },
    async makeFolder(path) {
      const [parent, name] = splitPath(path);
      const folder = folderAt(parent);
      if (folder.names.has(name)) return;
      change(path);
      folder.names.set(name, { folder: { names: new Map(), durable: new Map() } });
    },
    async removeFolder(path) {
      change(path);
      const [parent, name] = splitPath(path);
      const node = lookup(path);
      if (node !== undefined && "folder" in node && node.folder.names.size === 0) folderAt(parent).names.delete(name);
    },
    async syncFolder(path) {
      change(path);
      const folder = folderAt(path);
      folder.durable = new Map(folder.names);
    },
    async space() {
      const usedBytes = used(root);
      return capacity === Infinity
        ? { freeBytes: 2 ** 40, totalBytes: 2 ** 41 }
        : { freeBytes: Math.max(0, capacity - usedBytes), totalBytes: capacity };
    },
    crash(chance) {
      const after = (folder: Folder): void => {
        const names = new Map(folder.durable);
        for (const name of new Set([...folder.names.keys(), ...folder.durable.keys()])) {
          if (chance === undefined || folder.names.get(name) === folder.durable.get(name) || chance() < 0.5) continue;
          const node = folder.names.get(name);
          if (node === undefined) names.delete(name);
          else names.set(name, node);
        }
        folder.names = names;
        folder.durable = new Map(names);
        for (const node of names.values()) {
          if ("folder" in node) after(node.folder);
          else settle(node.file, chance);
        }
      };
      after(root);
      generation++;
      fault = undefined;
    },
    setCapacity: (bytes) => void (capacity = bytes),
    failAt: (nth, code, chance = () => 0) => void (fault = { at: changes + nth, code, sticky: false, chance }),
    cutAt: (nth, chance = () => 0) => void (fault = { at: changes + nth, code: "EIO", sticky: true, chance }),
    failAll: (code) => void (failing = code),
    get changes() {
      return changes;
    },
    get usedBytes() {
      return used(root);
    },
  };
}

/** What a file holds after the power was cut: what was synced, and by chance some of what was not, torn or full of zeros. */
function settle(file: Inode, chance: Chance | undefined): void {
  let content = file.durable;
  if (chance !== undefined && file.content.length > content.length) {
    const extra = file.content.slice(
      content.length,
      content.length + Math.floor(chance() * (file.content.length - content.length + 1)),
    );
    // Length can be durable before content: then the content reads as zeros.
    if (chance() < 0.3) extra.fill(0, Math.floor(chance() * extra.length));
    const next = new Uint8Array(content.length + extra.length);
    next.set(content);
    next.set(extra, content.length);
    content = next;
  }
  file.content = content;
  file.durable = content;
}

function splitPath(path: string): [parent: string, name: string] {
  const at = path.lastIndexOf("/");
  return [path.slice(0, Math.max(0, at)), path.slice(at + 1)];
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
