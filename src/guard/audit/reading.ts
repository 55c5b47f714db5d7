/** The one pass of a verification over a log: every entry hashed again, every tile built again, every file compared. */

import { digestOf, equalBytes, nativeSha256, toBase64 } from "../../base/crypto/index.node.ts";
import type { VerifierKey } from "../../base/crypto/index.ts";
import { isModelkeepError, quote } from "../../base/error/index.ts";
import type { Disk } from "../../base/port/index.ts";
import {
  createTileTree,
  hashBytes,
  leafHash,
  parseBundle,
  partialTiles,
  tilePath,
  tileWidth,
  tileWidthAt,
} from "../../base/tlog/index.ts";
import type { Checkpoint, HashTile, Tile, TileTree } from "../../base/tlog/index.ts";
import { decodeEntry } from "./entry.ts";
import type { Findings } from "./findings.ts";
import { parseFrame, verifyFrameNote } from "./frame.ts";
import { paths } from "./paths.ts";
import type { Snapshot, TileFile } from "./snapshot.ts";

/** What is believed: the key, and what it signed. */
export interface Trusted {
  readonly key: VerifierKey;
  readonly checkpoint: Checkpoint;
  readonly saved: Checkpoint | undefined;
}

/** Reads the entries in order and builds the tree again; what differs becomes a finding. */
export class Reading {
  readonly #disk: Disk;
  readonly #snapshot: Snapshot;
  readonly #trusted: Trusted;
  readonly #findings: Findings;
  readonly #tree: TileTree = createTileTree(nativeSha256);
  readonly #edge = new Map<string, TileFile[]>();
  /** What leftover journals say about entries that are in tiles already. */
  readonly #leftover = new Map<number, Uint8Array>();
  /** Entries that must explain set-aside files. */
  readonly #explanations = new Map<number, string>();
  /** The entries of the bundle that is being read. */
  #bundle: Uint8Array[] = [];

  constructor(disk: Disk, snapshot: Snapshot, trusted: Trusted, findings: Findings) {
    this.#disk = disk;
    this.#snapshot = snapshot;
    this.#trusted = trusted;
    this.#findings = findings;
    for (const file of snapshot.edge) {
      const at = `${file.tile.level}/${file.tile.index}`;
      this.#edge.set(at, [...(this.#edge.get(at) ?? []), file]);
    }
    for (const { size } of snapshot.setAside) this.#explanations.set(size, "");
  }

  get size(): number {
    return this.#tree.size;
  }

  get root(): string {
    return toBase64(this.#tree.frontier().root());
  }

  async readAll(): Promise<void> {
    const { checkpoint } = this.#trusted;
    const frames = this.#readJournals();
    this.#checkPromised();
    this.#checkSaved();
    for (let index = 0; index * tileWidth < checkpoint.size; index++) {
      if (!(await this.#readBundle(index))) return; // without these entries nothing behind them can be checked
    }
    if (!equalBytes(this.#tree.frontier().root(), checkpoint.root)) {
      this.#findings.add(`the ${checkpoint.size} entries do not make the root that the checkpoint signs`);
    }
    for (const frame of frames) this.#readFrame(frame);
    this.#finishEdge();
    this.#checkSetAside();
    const { saved } = this.#trusted;
    if (saved !== undefined && saved.size > this.size) {
      this.#findings.add(
        `the log has ${this.size} entries, the saved checkpoint ${saved.size}: entries were removed from its end`,
        this.size,
      );
    }
  }

  /** Entries in journals that go on behind the checkpoint; those before it are only remembered. */
  #readJournals(): JournalFrame[] {
    const behind: JournalFrame[] = [];
    for (const { name, first, bytes } of this.#snapshot.journals) {
      let next = first;
      let at = 0;
      for (let frame = parseFrame(bytes, at); frame !== undefined; frame = parseFrame(bytes, at)) {
        const entries = frame.entries;
        if (next >= this.#trusted.checkpoint.size) behind.push({ name, first: next, entries, note: frame.note });
        else this.#rememberLeftover({ name, first: next, entries, note: frame.note });
        next += entries.length;
        at = frame.end;
      }
      if (at < bytes.length) {
        const reason = `journal ${quote(name)} ends in a broken frame at byte ${at} of ${bytes.length}`;
        this.#findings.add(`${reason}: a crash leaves this, and the next start sets it aside; otherwise it was changed`, next);
      }
    }
    return behind;
  }

  #rememberLeftover(frame: JournalFrame): void {
    frame.entries.forEach((entry, i) => this.#leftover.set(frame.first + i, leafHash(entry, nativeSha256)));
    const head = verifyFrameNote(frame.note, [this.#trusted.key]);
    const expected = head?.origin === this.#trusted.key.name && head.size === frame.first + frame.entries.length;
    if (!expected) this.#findings.add(`a frame of journal ${quote(frame.name)} is not signed as it stands`, frame.first);
  }

  async #readBundle(index: number): Promise<boolean> {
    const width = tileWidthAt("entries", index, this.#trusted.checkpoint.size);
    const first = index * tileWidth;
    const path = tilePath({ level: "entries", index, width });
    const bytes = await this.#expectedTile({ level: "entries", index, width });
    if (bytes === undefined) {
      this.#findings.add(`${path} is missing: entries ${first} to ${first + width - 1}`, first);
      return false;
    }
    try {
      for (const entry of parseBundle(bytes, width)) await this.#take(entry);
      return true;
    } catch (error) {
      if (!isModelkeepError(error)) throw error;
      this.#findings.add(`${path}: ${error.message}`, first);
      return false;
    }
  }

  #readFrame(frame: JournalFrame): void {
    if (frame.first !== this.size) {
      this.#findings.add(
        `journal ${quote(frame.name)} goes on at entry ${frame.first}, but ${this.size} was next`,
        Math.min(frame.first, this.size),
      );
      return;
    }
    for (const entry of frame.entries) this.#takeNow(entry);
    const head = verifyFrameNote(frame.note, [this.#trusted.key]);
    const signed =
      head?.origin === this.#trusted.key.name && head.size === this.size && equalBytes(head.root, this.#tree.frontier().root());
    if (!signed)
      this.#findings.add(
        `entries ${frame.first} to ${this.size - 1} in journal ${quote(frame.name)} are not signed as they stand`,
        frame.first,
      );
  }

  async #take(entry: Uint8Array): Promise<void> {
    const full = this.#grow(entry);
    for (const tile of full) await this.#checkTile(tile);
  }

  /** As {@link Reading.#take}, for entries behind the checkpoint: what tiles they fill were not promised yet, so they need not be there. */
  #takeNow(entry: Uint8Array): void {
    for (const tile of this.#grow(entry)) this.#checkEdge(tile.level, tile.index, tile.bytes);
  }

  #grow(entry: Uint8Array): HashTile[] {
    const index = this.#tree.size;
    const leaf = leafHash(entry, nativeSha256);
    const full = this.#tree.append(leaf);
    const said = this.#leftover.get(index);
    if (said !== undefined && !equalBytes(said, leaf))
      this.#findings.add(`entry ${index} differs between its journal and its bundle`, index);
    if (this.#explanations.has(index)) this.#explanations.set(index, Buffer.from(entry).toString("utf8"));
    this.#bundle.push(entry);
    if (this.#bundle.length === tileWidth) this.#endBundle();
    this.#checkSaved();
    return full;
  }

  #endBundle(): void {
    const index = Math.ceil(this.#tree.size / tileWidth) - 1;
    for (const file of this.#edge.get(`entries/${index}`) ?? []) {
      this.#edge.delete(`entries/${index}`);
      const entries = this.#bundle.slice(0, file.tile.width);
      const same = entries.length === file.tile.width && sameEntries(file.bytes, entries);
      if (!same) this.#findings.add(`${file.path} does not hold the log's entries`, index * tileWidth);
    }
    this.#bundle = [];
  }

  async #checkTile(tile: HashTile): Promise<void> {
    const path = tilePath({ ...tile, width: tileWidth });
    const bytes = await this.#disk.read(`${paths.log}/${path}`);
    if (bytes === undefined)
      this.#findings.add(`${path} is missing`, firstEntryOf(tile.level, tile.index, 0), tileWidth ** (tile.level + 1));
    else this.#compare(path, tile, bytes, tile.bytes);
    this.#checkEdge(tile.level, tile.index, tile.bytes);
  }

  /** Compares partial and premature files of a tile with what the tile is. */
  #checkEdge(level: number, index: number, truth: Uint8Array): void {
    const at = `${level}/${index}`;
    for (const file of this.#edge.get(at) ?? []) {
      const length = file.tile.width * hashBytes;
      if (length > truth.length) this.#findings.add(`${file.path} holds hashes of entries that the log does not have`);
      else this.#compare(file.path, { level, index }, file.bytes, truth.subarray(0, length));
    }
    this.#edge.delete(at);
  }

  #compare(path: string, { level, index }: { level: number; index: number }, found: Uint8Array, truth: Uint8Array): void {
    if (equalBytes(found, truth)) return;
    let hash = 0;
    while (equalBytes(slot(found, hash), slot(truth, hash))) hash++;
    this.#findings.add(`${path} differs from its entries at hash ${hash}`, firstEntryOf(level, index, hash), tileWidth ** level);
  }

  /** Whether each partial tile that the checkpoint promises is there; what it holds is compared when the tree reaches it. */
  #checkPromised(): void {
    for (const tile of partialTiles(this.#trusted.checkpoint.size)) {
      const there = this.#edge.get(`${tile.level}/${tile.index}`)?.some((file) => file.tile.width === tile.width);
      if (there === true || tile.level === "entries") continue; // a missing bundle is told when its entries are read
      this.#findings.add(`${tilePath(tile)} is missing`, firstEntryOf(tile.level, tile.index, 0));
    }
  }

  /** The tiles that stay partial, and files that belong to no tile of this tree. */
  #finishEdge(): void {
    if (this.#bundle.length > 0) this.#endBundle();
    for (const { level, index, bytes } of this.#tree.edge()) this.#checkEdge(level, index, bytes);
    for (const file of [...this.#edge.values()].flat()) this.#findings.add(`${file.path} belongs to no entry of this log`);
  }

  /** A tile that the checkpoint promises: the full ones from disk, the partial ones from the snapshot. */
  async #expectedTile(tile: Tile): Promise<Uint8Array | undefined> {
    if (tile.width === tileWidth) return this.#disk.read(`${paths.log}/${tilePath(tile)}`);
    return this.#edge.get(`${tile.level}/${tile.index}`)?.find((file) => file.tile.width === tile.width)?.bytes;
  }

  #checkSaved(): void {
    const { saved } = this.#trusted;
    if (saved?.size !== this.#tree.size || equalBytes(saved.root, this.#tree.frontier().root())) return;
    this.#findings.add(
      `the first ${saved.size} entries are not those of the saved checkpoint: the log was rewritten or forked`,
      0,
    );
  }

  /** A torn end must be named, with its digest, by the entry that was next when it was found. */
  #checkSetAside(): void {
    for (const { name, size, bytes } of this.#snapshot.setAside) {
      const entry = decodeEntry(Buffer.from(this.#explanations.get(size) ?? ""), size);
      const files =
        entry?.evidence.kind === "log.tail-set-aside"
          ? (entry.evidence.detail?.["files"] as { name?: string; digest?: string }[])
          : [];
      const digest = digestOf(bytes, nativeSha256);
      if (files?.some((file) => file.name === name && file.digest === digest)) continue;
      this.#findings.add(`set-aside/${name} is not what entry ${size} says was set aside`);
    }
  }
}

interface JournalFrame {
  readonly name: string;
  readonly first: number;
  readonly entries: readonly Uint8Array[];
  readonly note: Uint8Array;
}

function slot(hashes: Uint8Array, index: number): Uint8Array {
  return hashes.subarray(index * hashBytes, (index + 1) * hashBytes);
}

/** The first entry under a hash of a tile. */
function firstEntryOf(level: number, index: number, hash: number): number {
  return (index * tileWidth + hash) * tileWidth ** level;
}

function sameEntries(bundle: Uint8Array, entries: readonly Uint8Array[]): boolean {
  try {
    const found = parseBundle(bundle, entries.length);
    return found.every((entry, i) => equalBytes(entry, entries[i]!));
  } catch {
    return false;
  }
}
