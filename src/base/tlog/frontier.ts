/**
 * The right edge of a growing tree ("compact range"): the roots of the perfect subtrees that its size in binary names, largest first.
 * Enough to append and to know the root, at 32 bytes per bit of the size.
 */

import { sha256 } from "../crypto/index.ts";
import type { Sha256 } from "../crypto/index.ts";
import { emptyRoot, nodeHash } from "./merkle.ts";

export interface Frontier {
  readonly size: number;
  /** Appends the hash of the next leaf. */
  append(leaf: Uint8Array): void;
  root(): Uint8Array;
  /** A copy that grows on its own. */
  fork(): Frontier;
}

/**
 * @example
 * const tree = createFrontier();
 * tree.append(leafHash(utf8("first")));
 * tree.root();
 */
export function createFrontier(
  hash: Sha256 = sha256,
  start: { readonly size: number; readonly nodes: readonly Uint8Array[] } = { size: 0, nodes: [] },
): Frontier {
  let size = start.size;
  const nodes = [...start.nodes];
  return {
    get size() {
      return size;
    },
    append(leaf) {
      let node = leaf;
      // Each trailing 1 of the size is a perfect subtree as large as the one just completed: the two become one.
      for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) node = nodeHash(nodes.pop()!, node, hash);
      nodes.push(node);
      size++;
    },
    root: () =>
      nodes.reduceRight<Uint8Array | undefined>((right, left) => (right ? nodeHash(left, right, hash) : left), undefined) ??
      emptyRoot(hash),
    fork: () => createFrontier(hash, { size, nodes }),
  };
}
