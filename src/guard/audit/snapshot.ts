/**
 * The moving parts of a log, read at one moment: checkpoint, journals, the files at the right edge and whatever does not belong.
 * Everything else in a log never changes once it is there, so a verifier may take its time over it while the log goes on growing.
 */

import { equalBytes } from "../../base/crypto/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { parseTilePath, readCheckpoint, tileWidth, tileWidthAt } from "../../base/tlog/index.ts";
import type { Tile } from "../../base/tlog/index.ts";
import { parseFrame } from "./frame.ts";
import { parseJournalName, parseSetAsideName, paths } from "./paths.ts";

export interface TileFile {
  readonly path: string;
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

export interface Snapshot {
  readonly checkpoint: Uint8Array | undefined;
  readonly journals: readonly { readonly name: string; readonly first: number; readonly bytes: Uint8Array }[];
  /** Every tile file that is not one of the full tiles below the checkpoint's size. */
  readonly edge: readonly TileFile[];
  readonly setAside: readonly { readonly name: string; readonly size: number; readonly bytes: Uint8Array }[];
  /** Files that a log does not have. */
  readonly unknown: readonly string[];
}

/** How often a log that changes while it is read is read again. */
const attempts = 10;
/** Foreign files beyond this are not read: a log has a handful at its edge. */
const maxEdgeFiles = 4096;

/** Reads the snapshot; while the log is written to, again and again until nothing changed meanwhile. */
export async function takeSnapshot(disk: Disk, patient: boolean): Promise<Snapshot> {
  for (let attempt = 1; ; attempt++) {
    const taken = await trySnapshot(disk);
    const calm = taken.calm && !taken.snapshot.journals.some(endsTorn);
    if (calm || !patient || attempt === attempts) return taken.snapshot;
    await new Promise((resolve) => setTimeout(resolve, 10 * attempt));
  }
}

async function trySnapshot(disk: Disk): Promise<{ snapshot: Snapshot; calm: boolean }> {
  const checkpoint = await disk.read(paths.checkpoint);
  const size = sizeOf(checkpoint);
  let calm = true;
  const found = {
    journals: [] as Snapshot["journals"][number][],
    edge: [] as TileFile[],
    setAside: [] as Snapshot["setAside"][number][],
  };
  const unknown: string[] = [];
  const read = async (path: string) => {
    const bytes = await disk.read(path).catch(() => undefined);
    calm &&= bytes !== undefined;
    return bytes;
  };
  for await (const { path, kind } of walk(disk, paths.log)) {
    const within = path.slice(paths.log.length + 1);
    const tile = parseTilePath(within);
    const [folder, name = "", ...deeper] = within.split("/");
    const first = folder === "journal" && deeper.length === 0 ? parseJournalName(name) : undefined;
    const aside = folder === "set-aside" && deeper.length === 0 ? parseSetAsideName(name) : undefined;
    if (kind === "file" && path === paths.checkpoint) continue;
    const known = kind === "file" && (tile ?? first ?? aside) !== undefined && found.edge.length < maxEdgeFiles;
    if (!known) unknown.push(within);
    else if (tile !== undefined && tile.width === tileWidth && tileWidthAt(tile.level, tile.index, size) === tileWidth) continue;
    else {
      const bytes = await read(path);
      if (bytes === undefined) continue;
      if (tile !== undefined) found.edge.push({ path: within, tile, bytes });
      if (first !== undefined) found.journals.push({ name, first, bytes });
      if (aside !== undefined) found.setAside.push({ name, size: aside.size, bytes });
    }
  }
  const after = await disk.read(paths.checkpoint);
  calm &&= checkpoint !== undefined && after !== undefined && equalBytes(checkpoint, after);
  return { snapshot: { checkpoint, ...found, unknown }, calm: calm || checkpoint === undefined };
}

/** Every file below a folder; folders in order of their names, so that memory holds one folder at a time. */
async function* walk(disk: Disk, folder: string): AsyncGenerator<{ path: string; kind: "file" | "other" }> {
  for (const { name, kind } of await disk.list(folder)) {
    const path = `${folder}/${name}`;
    if (kind === "folder") yield* walk(disk, path);
    else yield { path, kind };
  }
}

function sizeOf(checkpoint: Uint8Array | undefined): number {
  try {
    return checkpoint === undefined ? 0 : readCheckpoint(checkpoint).size;
  } catch {
    return 0;
  }
}

function endsTorn({ bytes }: { bytes: Uint8Array }): boolean {
  let at = 0;
  for (let frame = parseFrame(bytes, at); frame !== undefined; frame = parseFrame(bytes, at)) at = frame.end;
  return at < bytes.length;
}
