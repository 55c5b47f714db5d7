import { randomBytes } from "node:crypto";
import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assertKey, partialSuffix } from "./key.ts";
import type { Objects } from "./objects.ts";

/** Objects as files below `root` (mode 0700, files 0600). A put is written aside, synced, renamed, and its folder synced: whole or not at all. */
export function createFolderObjects(root: string): Objects {
  const at = (key: string): string => {
    assertKey(key);
    return join(root, key);
  };
  return {
    get: (key) => readFile(at(key)).then((bytes) => new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), absent),
    async put(key, body) {
      const path = at(key);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeWhole(path, body);
    },
    delete: async (key) => rm(at(key), { force: true }),
    list: (prefix) => walk(root, "", prefix),
  };
}

async function writeWhole(path: string, body: Uint8Array): Promise<void> {
  const aside = `${path}.${randomBytes(6).toString("hex")}${partialSuffix}`;
  try {
    const file = await open(aside, "wx", 0o600);
    try {
      await file.writeFile(body);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
  const folder = await open(dirname(path), "r");
  await folder.sync().finally(() => folder.close());
}

async function* walk(root: string, below: string, prefix: string): AsyncGenerator<{ key: string; sizeBytes: number }> {
  const entries = await readdir(join(root, below), { withFileTypes: true }).catch(absent);
  // Key order is byte order of the whole key, and "a/" sorts after "a-": folders are compared with their slash.
  const named = (entries ?? []).map((entry) => ({ entry, sort: entry.isDirectory() ? `${entry.name}/` : entry.name }));
  for (const { entry, sort } of named.toSorted((a, b) => (a.sort < b.sort ? -1 : 1))) {
    const key = `${below}${sort}`;
    if (!key.startsWith(prefix) && !prefix.startsWith(key)) continue;
    if (entry.isDirectory()) yield* walk(root, key, prefix);
    else if (entry.isFile() && key.startsWith(prefix) && !key.endsWith(partialSuffix))
      yield { key, sizeBytes: (await stat(join(root, key))).size };
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR" || error.code === "EISDIR") return undefined;
  throw error;
}
