/** The data folder of a new embedded database, out of the archive that the build made. */

import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";

const block = 512;

/**
 * Makes `dataDir` from a tar.gz, whole or not at all: a process that is killed meanwhile leaves only a folder beside it, which the next
 * start removes. What lay at `dataDir` and was no database is moved aside.
 */
export async function unpackDatabase(archive: Uint8Array, dataDir: string): Promise<void> {
  const parts = `${dataDir}.unpacking`;
  await rm(parts, { recursive: true, force: true });
  await mkdir(parts, { recursive: true, mode: 0o700 });
  const tar = await promisify(gunzip)(archive);
  for (const { name, content } of entriesOf(tar)) {
    // A thousand small files: waiting for each costs more than writing it.
    if (content === undefined) mkdirSync(join(parts, name), { recursive: true, mode: 0o700 });
    else writeFileSync(join(parts, name), content, { mode: 0o600 });
  }
  await rename(parts, dataDir).catch(async (error: { code?: string }) => {
    if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    await rename(dataDir, `${dataDir}.incomplete-${new Date().toISOString().replaceAll(/[:.]/g, "-")}`);
    await rename(parts, dataDir);
  });
}

/** Files and, without content, folders of a tar (POSIX.1-1988, "ustar"), in order. Our own build is trusted not to name anything outside. */
function* entriesOf(tar: Buffer): Generator<{ readonly name: string; readonly content: Buffer | undefined }> {
  for (let at = 0; at + block <= tar.length && tar[at] !== 0;) {
    const field = (from: number, length: number) =>
      tar.toString("latin1", at + from, at + from + length).replace(/[\0 ]+[^]*$/, "");
    const size = Number.parseInt(field(124, 12) || "0", 8);
    const start = at + block;
    const prefix = field(345, 155);
    const name = prefix === "" ? field(0, 100) : `${prefix}/${field(0, 100)}`;
    yield { name, content: field(156, 1) === "5" ? undefined : tar.subarray(start, start + size) };
    at = start + Math.ceil(size / block) * block;
  }
}
