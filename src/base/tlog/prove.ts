/**
 * Inclusion and consistency proofs out of tiles, wherever those lie: a folder, an HTTP address, memory.
 * RFC 6962, sections 2.1.1 (PATH) and 2.1.2 (SUBPROOF), as the recursions that stand there.
 */

import { sha256 } from "../crypto/index.ts";
import type { Sha256 } from "../crypto/index.ts";
import { ModelkeepError } from "../error/index.ts";
import type {} from "./errors.ts";
import { hashBytes, nodeHash, splitPoint } from "./merkle.ts";
import { tileWidth, tileWidthAt } from "./tiles.ts";
import type { Tile } from "./tiles.ts";
import { subtreeRoot } from "./tree.ts";

/** Reads a hash tile of at least the asked width; a wider one begins with the same hashes. */
export type ReadTile = (tile: Tile & { readonly level: number }) => Promise<Uint8Array>;

export interface Prover {
  /** Audit path of a leaf in the tree of this size, from its sibling up. */
  inclusion(index: number, size: number): Promise<Uint8Array[]>;
  /** Proof that the tree of `newSize` only appends to that of `oldSize`. */
  consistency(oldSize: number, newSize: number): Promise<Uint8Array[]>;
  /** Root of the tree of this size, at least 1. */
  root(size: number): Promise<Uint8Array>;
}

/** Tiles kept between proofs: 2 MB. A proof needs two or three per level. */
const maxTiles = 256;

/** Proves over the tiles of a log of `logSize` entries, keeping those it read last. */
export function createProver(readTile: ReadTile, logSize: number, hash: Sha256 = sha256): Prover {
  const tiles = new Map<string, Promise<Uint8Array>>();

  /** Root of the perfect subtree with 2^height leaves that starts at leaf `first`. */
  async function subtree(first: number, height: number): Promise<Uint8Array> {
    const level = Math.floor(height / 8);
    const count = 2 ** (height - 8 * level);
    const position = first / tileWidth ** level;
    const index = Math.floor(position / tileWidth);
    const key = `${level}/${index}`;
    const width = tileWidthAt(level, index, logSize);
    const tile = await (tiles.get(key) ?? remember(key, readTile({ level, index, width })));
    const offset = (position % tileWidth) * hashBytes;
    const hashes = tile.subarray(offset, offset + count * hashBytes);
    if (hashes.length < count * hashBytes) throw badTile(level, index);
    return subtreeRoot(hashes, hash);
  }

  function remember(key: string, tile: Promise<Uint8Array>): Promise<Uint8Array> {
    if (tiles.size >= maxTiles) tiles.delete(tiles.keys().next().value!);
    tiles.set(key, tile);
    tile.catch(() => tiles.delete(key)); // asked for again next time; who waits for it hears of the failure
    return tile;
  }

  /** MTH(D[from:to]), where `from` is a multiple of the largest power of two in the range. */
  async function range(from: number, to: number): Promise<Uint8Array> {
    const height = Math.log2(to - from);
    if (Number.isInteger(height)) return subtree(from, height);
    const middle = from + splitPoint(to - from);
    return nodeHash(await range(from, middle), await range(middle, to), hash);
  }

  async function path(index: number, from: number, to: number): Promise<Uint8Array[]> {
    if (to - from === 1) return [];
    const middle = from + splitPoint(to - from);
    return index < middle
      ? [...(await path(index, from, middle)), await range(middle, to)]
      : [...(await path(index, middle, to)), await range(from, middle)];
  }

  async function subproof(oldSize: number, from: number, to: number): Promise<Uint8Array[]> {
    // RFC 6962's flag b: the old tree's own root is known to the verifier, so it is not in the proof.
    if (oldSize === to) return from === 0 ? [] : [await range(from, to)];
    const middle = from + splitPoint(to - from);
    return oldSize <= middle
      ? [...(await subproof(oldSize, from, middle)), await range(middle, to)]
      : [...(await subproof(oldSize, middle, to)), await range(from, middle)];
  }

  return {
    inclusion: async (index, size) => {
      checkRange(index >= 0 && index < size && size <= logSize, `entry ${index} of a tree of ${size} in a log of ${logSize}`);
      return path(index, 0, size);
    },
    consistency: async (oldSize, newSize) => {
      checkRange(
        oldSize >= 0 && oldSize <= newSize && newSize <= logSize,
        `trees of ${oldSize} and ${newSize} in a log of ${logSize}`,
      );
      return oldSize === 0 ? [] : subproof(oldSize, 0, newSize);
    },
    root: async (size) => {
      checkRange(size >= 1 && size <= logSize, `a tree of ${size} in a log of ${logSize}`);
      return range(0, size);
    },
  };
}

function checkRange(fits: boolean, what: string): void {
  if (fits) return;
  throw new ModelkeepError("tlog/out-of-range", {
    message: `there is no ${what}`,
    hint: "entries are numbered from 0; `modelkeep audit checkpoint` prints the size",
    status: 404,
  });
}

function badTile(level: number, index: number): ModelkeepError {
  return new ModelkeepError("tlog/bad-tile", {
    message: `tile ${index} of level ${level} is shorter than the tree needs`,
    hint: "run `modelkeep audit verify`; the log is damaged",
  });
}
