/**
 * Where the parts of a log lie and what they hold: c2sp.org/tlog-tiles. A tile has up to 256 hashes of one level; level l holds the
 * roots of full tiles of level l − 1; the entries themselves lie in bundles of 256 beside level 0.
 */

import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";

/** Hashes in a full tile, entries in a full bundle. */
export const tileWidth = 256;

/** The longest entry that a bundle's 16-bit length can name, in bytes. */
export const maxEntryBytes = 65_535;

/** Level of a tile: 0 to 63, or the bundle of entries under level 0. */
export type TileLevel = number | "entries";

export interface Tile {
  readonly level: TileLevel;
  readonly index: number;
  /** 1 to 256; less than 256 makes the tile a partial one. */
  readonly width: number;
}

/** Path of a tile below the log's root: `tile/0/x001/234.p/17`. */
export function tilePath({ level, index, width }: Tile): string {
  return `tile/${level}/${indexPath(index)}${width === tileWidth ? "" : `.p/${width}`}`;
}

function indexPath(index: number): string {
  let path = String(index % 1000).padStart(3, "0");
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000)) {
    path = `x${String(rest % 1000).padStart(3, "0")}/${path}`;
  }
  return path;
}

/** The tile a path names, or undefined when the path is not exactly what {@link tilePath} writes. */
export function parseTilePath(path: string): Tile | undefined {
  const match = /^tile\/(\d{1,2}|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (match === null) return undefined;
  const index = Number(match[2]!.replaceAll(/[x/]/g, ""));
  const tile = {
    level: match[1] === "entries" ? ("entries" as const) : Number(match[1]),
    index,
    width: match[3] === undefined ? tileWidth : Number(match[3]),
  };
  const valid =
    Number.isSafeInteger(index) && tile.width > 0 && tile.width <= tileWidth && (tile.level === "entries" || tile.level <= 63);
  return valid && tilePath(tile) === path ? tile : undefined;
}

/** How many hashes (or entries) a level has in a tree of this size: only full tiles count for the level above. */
export function levelSize(level: TileLevel, size: number): number {
  return Math.floor(size / tileWidth ** (level === "entries" ? 0 : level));
}

/** Width of one tile in a tree of this size; 0 when the tree does not reach it. */
export function tileWidthAt(level: TileLevel, index: number, size: number): number {
  return Math.max(0, Math.min(tileWidth, levelSize(level, size) - index * tileWidth));
}

/** The partial tiles at the right edge of a tree of this size, entries first, then from level 0 up. */
export function partialTiles(size: number): Tile[] {
  const tiles: Tile[] = [];
  const edge = (level: TileLevel) => {
    const hashes = levelSize(level, size);
    const width = hashes % tileWidth;
    if (width > 0) tiles.push({ level, index: Math.floor(hashes / tileWidth), width });
  };
  edge("entries");
  for (let level = 0; levelSize(level, size) > 0; level++) edge(level);
  return tiles;
}

/**
 * Entries as a bundle: each behind its length in two bytes, big-endian.
 * @throws `tlog/entry-too-large`
 */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(entries.reduce((sum, entry) => sum + 2 + checkEntry(entry).length, 0));
  let at = 0;
  for (const entry of entries) {
    out[at] = entry.length >> 8;
    out[at + 1] = entry.length & 0xff;
    out.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return out;
}

/**
 * The entries of a bundle, as views into its bytes.
 * @throws `tlog/bad-bundle` when it ends within an entry, or holds another number of entries than asked for
 */
export function parseBundle(bytes: Uint8Array, count?: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + ((bytes[at]! << 8) | (bytes[at + 1] ?? 0));
    if (at + 2 > bytes.length || end > bytes.length) throw badBundle(`ends within entry ${entries.length}`);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (count !== undefined && entries.length !== count) throw badBundle(`holds ${entries.length} entries, not ${count}`);
  return entries;
}

function checkEntry(entry: Uint8Array): Uint8Array {
  if (entry.length <= maxEntryBytes) return entry;
  throw new ModelkeepError("tlog/entry-too-large", {
    message: `an entry of ${entry.length} bytes does not fit: the format holds ${maxEntryBytes}`,
    hint: "log the digest of what is large, not the thing",
  });
}

function badBundle(what: string): ModelkeepError {
  return new ModelkeepError("tlog/bad-bundle", {
    message: `the entry bundle ${what}`,
    hint: "run `modelkeep audit verify`; the log on disk is damaged",
  });
}
