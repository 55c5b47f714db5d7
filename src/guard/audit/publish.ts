/**
 * A copy of the log in an object store, for outsiders to read and as a memory outside this machine. It follows behind and never
 * holds the log up. INVARIANT: what a published checkpoint covers was published before it, and a published log only ever grows.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { equalBytes, nativeSha256, nativeVerify, utf8 } from "../../base/crypto/index.node.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import type { Logger } from "../../base/log/index.ts";
import type { Objects } from "../../base/objects/index.ts";
import {
  emptyRoot,
  levelSize,
  parseCheckpoint,
  partialTiles,
  readCheckpoint,
  tilePath,
  tileWidth,
  verifyNote,
} from "../../base/tlog/index.ts";
import type { Checkpoint, NoteSigner, Tile, TileLevel } from "../../base/tlog/index.ts";
import type {} from "./errors.ts";

export interface PublishParts {
  readonly objects: Objects;
  /** Where the log lies in the store: `prefix/origin/checkpoint`, `prefix/origin/tile/…`. */
  readonly prefix: string;
  readonly signer: NoteSigner;
  readonly log: Logger;
  /** A file of the log on disk. */
  readonly readTile: (tile: Tile) => Promise<Uint8Array | undefined>;
  /** Root of this log when it had that many entries, at least 1. */
  readonly rootAt: (size: number) => Promise<Uint8Array>;
}

/** Tiles copied at once. */
const copiers = 4;

/** How long {@link Publisher.finish} waits for the store, milliseconds. */
const patienceMs = 5000;

export class Publisher {
  readonly #parts: PublishParts;
  /** Entries that the published checkpoint covers; undefined until the store was asked. */
  #published: number | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: PublishParts) {
    this.#parts = parts;
  }

  /** Brings the copy up to this checkpoint; does nothing while an earlier call still runs. Never throws: what failed is tried again with the next. */
  follow(checkpoint: string): Promise<void> {
    return (this.#running ??= this.#publish(checkpoint)
      .catch((error: unknown) => this.#parts.log.warn("the published audit log is behind", { error }))
      .finally(() => (this.#running = undefined)));
  }

  /** Brings the copy up to the last checkpoint, unless the store takes too long. */
  async finish(checkpoint: string): Promise<void> {
    const late = new AbortController();
    const copied = (async () => {
      await this.#running;
      await this.follow(checkpoint);
    })();
    await Promise.race([copied, sleep(patienceMs, undefined, { signal: late.signal }).catch(() => {})]);
    late.abort();
  }

  async #publish(checkpoint: string): Promise<void> {
    const { size } = readCheckpoint(checkpoint);
    const from = (this.#published ??= await this.#sizeThere());
    if (size === from && from > 0) return;
    const queue = [...newTiles(from, size)];
    const copy = async () => {
      for (let tile = queue.pop(); tile !== undefined; tile = queue.pop()) await this.#copy(tile);
    };
    await Promise.all(Array.from({ length: copiers }, copy));
    await this.#parts.objects.put(this.#key("checkpoint"), utf8(checkpoint));
    this.#published = size;
    const current = new Set(partialTiles(size).map(tilePath));
    for (const path of partialTiles(from).map(tilePath))
      if (!current.has(path)) await this.#parts.objects.delete(this.#key(path));
  }

  #key(path: string): string {
    // An origin may hold characters that an object key may not.
    const origin = this.#parts.signer.name.split("/").filter(Boolean).join("/");
    return `${this.#parts.prefix}/${origin.replaceAll(/[^A-Za-z0-9._=@/-]/g, "_")}/${path}`;
  }

  async #copy(tile: Tile): Promise<void> {
    const bytes = await this.#parts.readTile(tile);
    // The log grew past this partial tile meanwhile; the next checkpoint brings the wider one.
    if (bytes === undefined) throw new Error(`${tilePath(tile)} was replaced while it was published`);
    await this.#parts.objects.put(this.#key(tilePath(tile)), bytes);
  }

  /** How far the copy got. It must be this log, shorter: otherwise this log was cut or put back, or the store holds another one. */
  async #sizeThere(): Promise<number> {
    const note = await this.#parts.objects.get(this.#key("checkpoint"));
    if (note === undefined) return 0;
    const verdict = verifyNote(note, [this.#parts.signer], nativeVerify);
    const there = verdict.ok ? parseCheckpoint(verdict.text) : undefined;
    if (there !== undefined && (await this.#isPrefix(there))) return there.size;
    throw new ModelkeepError("audit/published-differs", {
      message: "the published log is no earlier state of this one",
      hint: "either this log was cut or put back, which the published copy proves, or two logs share one place in the store",
    });
  }

  async #isPrefix({ size, root }: Checkpoint): Promise<boolean> {
    try {
      return equalBytes(size === 0 ? emptyRoot(nativeSha256) : await this.#parts.rootAt(size), root);
    } catch {
      return false; // longer than this log
    }
  }
}

/** The tiles that a log of `size` entries has and one of `from` had not, or had narrower. */
function* newTiles(from: number, size: number): Generator<Tile> {
  function* full(level: TileLevel): Generator<Tile> {
    const end = Math.floor(levelSize(level, size) / tileWidth);
    for (let index = Math.floor(levelSize(level, from) / tileWidth); index < end; index++)
      yield { level, index, width: tileWidth };
  }
  yield* full("entries");
  for (let level = 0; levelSize(level, size) > 0; level++) yield* full(level);
  yield* partialTiles(size);
}
