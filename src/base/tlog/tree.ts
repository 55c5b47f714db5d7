/** Tiles as they grow: takes leaf hashes, gives back each tile the moment it is full, and keeps the partial ones. */

import { sha256 } from "../crypto/index.ts";
import type { Sha256 } from "../crypto/index.ts";
import { createFrontier } from "./frontier.ts";
import type { Frontier } from "./frontier.ts";
import { hashBytes, nodeHash } from "./merkle.ts";
import { levelSize, tileWidth } from "./tiles.ts";

/** Hashes of one level side by side. */
export interface HashTile {
  readonly level: number;
  readonly index: number;
  /** 32 bytes per hash. */
  readonly bytes: Uint8Array;
}

export interface TileTree {
  readonly size: number;
  /** Appends a leaf hash; returns the tiles that this made full, lowest level first. */
  append(leaf: Uint8Array): HashTile[];
  /** The partial tiles of the right edge, lowest level first; views, valid until the next append. */
  edge(): HashTile[];
  /** The right edge as a frontier, which grows on its own. */
  frontier(): Frontier;
}

/** A tree that starts empty, or at `size` with the right edge that {@link TileTree.edge} gave then. */
export function createTileTree(
  hash: Sha256 = sha256,
  start: { size: number; edge: readonly HashTile[] } = { size: 0, edge: [] },
): TileTree {
  let size = start.size;
  const levels: { bytes: Uint8Array; width: number }[] = [];
  for (const { level, bytes } of start.edge) {
    const held = levelAt(level);
    held.bytes.set(bytes);
    held.width = bytes.length / hashBytes;
  }

  function levelAt(level: number): { bytes: Uint8Array; width: number } {
    while (levels.length <= level) levels.push({ bytes: new Uint8Array(tileWidth * hashBytes), width: 0 });
    return levels[level]!;
  }

  function appendAt(level: number, node: Uint8Array, full: HashTile[]): void {
    const held = levelAt(level);
    held.bytes.set(node, held.width * hashBytes);
    held.width++;
    if (held.width < tileWidth) return;
    const bytes = held.bytes.slice();
    full.push({ level, index: levelSize(level, size) / tileWidth - 1, bytes });
    held.width = 0;
    appendAt(level + 1, subtreeRoot(bytes, hash), full);
  }

  return {
    get size() {
      return size;
    },
    append(leaf) {
      const full: HashTile[] = [];
      size++;
      appendAt(0, leaf, full);
      return full;
    },
    edge: () =>
      levels.flatMap(({ bytes, width }, level) =>
        width === 0
          ? []
          : [{ level, index: Math.floor(levelSize(level, size) / tileWidth), bytes: bytes.subarray(0, width * hashBytes) }],
      ),
    frontier: () => createFrontier(hash, { size, nodes: levels.toReversed().flatMap((held) => perfectSubtrees(held, hash)) }),
  };
}

/** Root of a perfect subtree over hashes that lie side by side; their number is a power of two. */
export function subtreeRoot(hashes: Uint8Array, hash: Sha256 = sha256): Uint8Array {
  let row: Uint8Array[] = [];
  for (let at = 0; at < hashes.length; at += hashBytes) row.push(hashes.subarray(at, at + hashBytes));
  while (row.length > 1) {
    const above: Uint8Array[] = [];
    for (let i = 0; i < row.length; i += 2) above.push(nodeHash(row[i]!, row[i + 1]!, hash));
    row = above;
  }
  return row[0]!;
}

/** Roots of the perfect subtrees that a partial tile's width in binary names, largest (leftmost) first. */
function perfectSubtrees({ bytes, width }: { bytes: Uint8Array; width: number }, hash: Sha256): Uint8Array[] {
  const roots: Uint8Array[] = [];
  let from = 0;
  for (let block = tileWidth / 2; block >= 1; block /= 2) {
    if ((width & block) === 0) continue;
    roots.push(subtreeRoot(bytes.slice(from * hashBytes, (from + block) * hashBytes), hash));
    from += block;
  }
  return roots;
}
