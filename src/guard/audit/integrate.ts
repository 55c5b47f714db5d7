/**
 * Durable entries become tiles: entry bundles, hash tiles, then the signed checkpoint that covers them, then the journals that held
 * them go. INVARIANT: what a checkpoint covers is durable before the checkpoint is, and nothing is removed before its successor is
 * durable; so a crash at any point leaves a log that recovery can go on from.
 */

import { toBase64 } from "../../base/crypto/index.node.ts";
import { equalBytes, nativeSha256, utf8 } from "../../base/crypto/index.node.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import { ensureFolder, parentOf, replaceFile } from "../../base/port/index.ts";
import type { Disk } from "../../base/port/index.ts";
import {
  createTileTree,
  formatBundle,
  levelSize,
  parseTilePath,
  partialTiles,
  signCheckpoint,
  tilePath,
  tileWidth,
} from "../../base/tlog/index.ts";
import type { HashTile, NoteSigner, Tile, TileLevel } from "../../base/tlog/index.ts";
import type {} from "./errors.ts";
import type { Committed } from "./group-commit.ts";
import { createMutex } from "./mutex.ts";
import { parseJournalName, paths } from "./paths.ts";

/** Files written at once: enough to keep a disk's queue busy. */
const writers = 8;

/** The part of the log that stands in tiles. */
export interface Integrated {
  readonly size: number;
  /** Partial hash tiles at the right edge. */
  readonly edge: readonly HashTile[];
  /** Entries of the partial bundle at the right edge. */
  readonly bundle: readonly Uint8Array[];
  /** The signed note over exactly this. */
  readonly checkpoint: string;
}

type Frames = readonly Pick<Committed, "first" | "entries" | "leaves" | "root">[];

export class Integrator {
  readonly #disk: Disk;
  readonly #signer: NoteSigner;
  readonly #exclusive = createMutex();
  readonly #folders = new Set<string>();
  #state: Integrated;
  /** The checkpoint that was written last, which may stand on disk although writing it failed: its folder could not be synced. */
  #written: string | undefined;
  #pending: Pick<Committed, "first" | "entries" | "leaves" | "root">[];
  #pendingBytes = 0;
  #temporaries = 0;
  /** Partial tiles that the last checkpoint replaced: kept for one more, for readers that hold the one before. */
  #stale: Tile[] = [];

  constructor(parts: { disk: Disk; signer: NoteSigner; state: Integrated; pending: Frames }) {
    this.#disk = parts.disk;
    this.#signer = parts.signer;
    this.#state = parts.state;
    this.#pending = [...parts.pending];
    this.#pendingBytes = parts.pending.reduce((sum, frame) => sum + bytesOf(frame), 0);
  }

  /** Entries in tiles, all covered by {@link checkpoint}. */
  get size(): number {
    return this.#state.size;
  }

  get checkpoint(): string {
    return this.#state.checkpoint;
  }

  /** Durable bytes that are not yet in tiles. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  add(frame: Committed): void {
    this.#pending.push(frame);
    this.#pendingBytes += bytesOf(frame);
  }

  /** An entry that is durable but not yet in a full bundle on disk. */
  pendingEntry(index: number): Uint8Array | undefined {
    const inBundle = index - (this.#state.size - this.#state.bundle.length);
    if (index < this.#state.size) return inBundle >= 0 ? this.#state.bundle[inBundle] : undefined;
    // Newest first: what is asked for is mostly what just came in.
    const frame = this.#pending.findLast(({ first }) => first <= index);
    return frame?.entries[index - frame.first];
  }

  /**
   * Integrates everything that stands in journals ended by `rotate`, which says how many entries those hold; settles with whether
   * there was anything.
   * @throws `audit/foreign-writer` when the checkpoint on disk is not the one this process wrote
   */
  integrate(rotate: () => Promise<number>): Promise<boolean> {
    return this.#exclusive(async () => {
      if (this.#pending.length === 0) return false;
      const size = await rotate();
      const frames = this.#pending.filter(({ first }) => first < size);
      const { files, next } = grow(this.#state, frames, this.#signer);
      await this.#checkSoleWriter();
      await this.#writeAll(files);
      this.#written = next.checkpoint;
      await this.#replace(paths.checkpoint, utf8(next.checkpoint));
      const before = this.#state;
      this.#state = next;
      this.#pending = this.#pending.slice(frames.length);
      this.#pendingBytes -= frames.reduce((sum, frame) => sum + bytesOf(frame), 0);
      await this.#removeJournals(size);
      await this.#removePartials(this.#stale);
      const current = new Set(partialTiles(next.size).map(tilePath));
      this.#stale = partialTiles(before.size).filter((tile) => !current.has(tilePath(tile)));
      return true;
    });
  }

  /** Removes what the last checkpoint made superfluous, too: a log at rest holds nothing but itself. */
  tidy(): Promise<void> {
    return this.#exclusive(() => this.#removePartials(this.#stale.splice(0)));
  }

  /** Removes partial tiles that an earlier process superseded, or wrote ahead of a checkpoint, before it was killed. */
  sweep(): Promise<void> {
    return this.#exclusive(async () => {
      const { size } = this.#state;
      const current = new Set(partialTiles(size).map(tilePath));
      const left: Tile[] = [];
      for (const folder of edgeFolders(size)) {
        for (const { name } of await this.#disk.list(folder)) {
          if (!name.endsWith(".p")) continue;
          for (const partial of await this.#disk.list(`${folder}/${name}`)) {
            const path = `${folder}/${name}/${partial.name}`.slice(paths.log.length + 1);
            const tile = parseTilePath(path);
            if (tile !== undefined && !current.has(path)) left.push(tile);
          }
        }
      }
      await this.#removePartials(left);
    });
  }

  async #checkSoleWriter(): Promise<void> {
    const found = await this.#disk.read(paths.checkpoint);
    const ours = [this.#state.checkpoint, this.#written].flatMap((checkpoint) => checkpoint ?? []);
    if (found !== undefined && ours.some((checkpoint) => equalBytes(found, utf8(checkpoint)))) return;
    throw new ModelkeepError("audit/foreign-writer", {
      message: "the checkpoint on disk is not the one this process wrote",
      hint: "stop the other process; then `modelkeep audit verify`",
    });
  }

  async #writeAll(files: readonly { path: string; bytes: Uint8Array }[]): Promise<void> {
    const folders = new Set(files.map(({ path }) => parentOf(path)));
    for (const folder of folders) {
      if (this.#folders.has(folder)) continue;
      await ensureFolder(this.#disk, folder);
      this.#folders.add(folder);
    }
    const queue = [...files];
    const work = async () => {
      for (let file = queue.pop(); file !== undefined; file = queue.pop()) await this.#replace(file.path, file.bytes);
    };
    await Promise.all(Array.from({ length: writers }, work));
  }

  #replace(path: string, bytes: Uint8Array): Promise<void> {
    return replaceFile(this.#disk, path, bytes, `${paths.temporary}/${this.#temporaries++ % 1_000_000}`);
  }

  async #removeJournals(size: number): Promise<void> {
    for (const { name } of await this.#disk.list(paths.journals)) {
      const first = parseJournalName(name);
      if (first !== undefined && first < size) await this.#disk.remove(`${paths.journals}/${name}`);
    }
  }

  async #removePartials(tiles: readonly Tile[]): Promise<void> {
    for (const tile of tiles) {
      const path = `${paths.log}/${tilePath(tile)}`;
      await this.#disk.remove(path);
      await this.#disk.removeFolder(parentOf(path));
      this.#folders.delete(parentOf(path));
    }
  }
}

/** The folders that hold the right edge, and up to a thousand tiles before it: more than one integration ever makes. */
function edgeFolders(size: number): Set<string> {
  const folders = new Set<string>();
  const add = (level: TileLevel) => {
    const index = Math.floor(levelSize(level, size) / tileWidth);
    for (const at of [index, Math.max(0, index - 1), Math.max(0, index - 1000)]) {
      folders.add(parentOf(`${paths.log}/${tilePath({ level, index: at, width: tileWidth })}`));
    }
  };
  add("entries");
  for (let level = 0; level === 0 || levelSize(level - 1, size) > 0; level++) add(level);
  return folders;
}

/** The files that hold these frames behind what is integrated already, and the state that they make. */
function grow(
  state: Integrated,
  frames: Frames,
  signer: NoteSigner,
): { files: { path: string; bytes: Uint8Array }[]; next: Integrated } {
  const tree = createTileTree(nativeSha256, state);
  const files: { path: string; bytes: Uint8Array }[] = [];
  const keep = (tile: Tile, bytes: Uint8Array) => files.push({ path: `${paths.log}/${tilePath(tile)}`, bytes });
  let bundle = [...state.bundle];
  for (const frame of frames) {
    frame.entries.forEach((entry, i) => {
      bundle.push(entry);
      for (const tile of tree.append(frame.leaves[i]!))
        keep({ level: tile.level, index: tile.index, width: tileWidth }, tile.bytes);
      if (bundle.length < tileWidth) return;
      keep({ level: "entries", index: tree.size / tileWidth - 1, width: tileWidth }, formatBundle(bundle));
      bundle = [];
    });
  }
  const edge = tree.edge().map(({ level, index, bytes }) => ({ level, index, bytes: bytes.slice() }));
  for (const tile of partialTiles(tree.size)) {
    keep(tile, tile.level === "entries" ? formatBundle(bundle) : edge.find(({ level }) => level === tile.level)!.bytes);
  }
  const root = tree.frontier().root();
  // Two computations of one root, by the journal and by the tiles: a difference means that memory lies.
  const expected = frames.at(-1)!.root;
  if (!equalBytes(root, expected)) {
    throw new ModelkeepError("audit/damaged", {
      message: `the tiles' root ${toBase64(root)} is not the journal's ${toBase64(expected)}`,
      hint: "the machine's memory may be faulty; restart, then `modelkeep audit verify`",
    });
  }
  const checkpoint = signCheckpoint({ origin: signer.name, size: tree.size, root }, [signer]);
  return { files, next: { size: tree.size, edge, bundle, checkpoint } };
}

function bytesOf(frame: Pick<Committed, "entries">): number {
  return frame.entries.reduce((sum, entry) => sum + entry.length, 0);
}
