import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromHex, toHex, utf8 } from "../crypto/index.ts";
import { nativeSha256 } from "../crypto/index.node.ts";
import {
  createFrontier,
  createProver,
  createTileTree,
  emptyRoot,
  leafHash,
  nodeHash,
  verifyConsistency,
  verifyInclusion,
} from "./index.ts";
import type { HashTile } from "./index.ts";

// The reference tree of RFC 6962's implementation (certificate-transparency, merkle_tree_test): leaves and the root after each.
const published = [
  ["", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"],
  ["00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
  ["10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"],
  ["2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"],
  ["3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"],
  ["40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"],
  ["5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"],
  ["606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"],
] as const;

/** MTH of RFC 6962, section 2.1, word for word: the oracle. */
function mth(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 0) return nativeSha256(new Uint8Array());
  if (leaves.length === 1) return leaves[0]!;
  const k = 2 ** Math.floor(Math.log2(leaves.length - 1));
  return nodeHash(mth(leaves.slice(0, k)), mth(leaves.slice(k)), nativeSha256);
}

const leaves = Array.from({ length: 70_000 }, (_, i) => leafHash(utf8(`entry ${i}`), nativeSha256));

function treeOf(size: number) {
  const tree = createTileTree(nativeSha256);
  const tiles = new Map<string, Uint8Array>();
  const keep = ({ level, index, bytes }: HashTile) => void tiles.set(`${level}/${index}`, bytes.slice());
  for (const leaf of leaves.slice(0, size)) tree.append(leaf).forEach(keep);
  tree.edge().forEach(keep);
  return { tree, prover: createProver(async ({ level, index }) => tiles.get(`${level}/${index}`)!, size, nativeSha256) };
}

describe("the Merkle tree", () => {
  it("has the published roots", () => {
    const frontier = createFrontier();
    const tree = createTileTree();
    expect(toHex(frontier.root())).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (const [leaf, root] of published) {
      frontier.append(leafHash(fromHex(leaf)));
      tree.append(leafHash(fromHex(leaf)));
      expect(toHex(frontier.root())).toBe(root);
      expect(toHex(tree.frontier().root())).toBe(root);
    }
  });

  it("grows to the same root by frontier, by tiles and by the definition", () => {
    const frontier = createFrontier(nativeSha256);
    const tree = createTileTree(nativeSha256);
    for (let size = 0; size <= 600; size++) {
      const root = mth(leaves.slice(0, size));
      expect(toHex(frontier.root())).toBe(toHex(root));
      expect(toHex(tree.frontier().root())).toBe(toHex(root));
      expect([frontier.size, tree.size]).toEqual([size, size]);
      frontier.append(leaves[size]!);
      tree.append(leaves[size]!);
    }
  });

  it("goes on from its right edge as if it had never stopped", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 66_000 }), fc.integer({ min: 0, max: 600 }), (size, more) => {
        const { tree } = treeOf(size);
        const edge = tree.edge().map(({ level, index, bytes }) => ({ level, index, bytes: bytes.slice() }));
        const resumed = createTileTree(nativeSha256, { size, edge });
        const copies: HashTile[][] = [];
        for (const leaf of leaves.slice(size, size + more)) {
          copies.push(tree.append(leaf));
          expect(resumed.append(leaf)).toEqual(copies.at(-1));
        }
        expect(resumed.frontier().root()).toEqual(tree.frontier().root());
      }),
      { numRuns: 6 },
    );
  });

  it("forks a frontier that then grows on its own", () => {
    const one = createFrontier();
    one.append(leaves[0]!);
    const two = one.fork();
    two.append(leaves[1]!);
    expect([one.size, two.size]).toEqual([1, 2]);
    expect(one.root()).toEqual(leaves[0]);
  });
});

describe("inclusion proofs", () => {
  it("verify for every leaf of every tree up to 130, and for no other leaf, index, size or root", async () => {
    for (let size = 1; size <= 130; size++) {
      const { tree, prover } = treeOf(size);
      const root = tree.frontier().root();
      for (let index = 0; index < size; index++) {
        const claim = { leaf: leaves[index]!, index, size, root, proof: await prover.inclusion(index, size) };
        expect(verifyInclusion(claim, nativeSha256), `${index} of ${size}`).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: leaves[index + 1]! }, nativeSha256)).toBe(false);
        expect(verifyInclusion({ ...claim, index: (index + 1) % (size + 1) }, nativeSha256)).toBe(false);
        expect(verifyInclusion({ ...claim, proof: [...claim.proof, root] }, nativeSha256)).toBe(false);
        expect(verifyInclusion({ ...claim, root: leafHash(root) }, nativeSha256)).toBe(false);
      }
    }
  }, 60_000);

  it("verify across tiles of three levels, in 17 hashes at 70,000 entries", async () => {
    const { tree, prover } = treeOf(70_000);
    for (const index of [0, 255, 256, 65_535, 65_536, 69_999, 12_345]) {
      const proof = await prover.inclusion(index, 70_000);
      expect(
        verifyInclusion({ leaf: leaves[index]!, index, size: 70_000, root: tree.frontier().root(), proof }, nativeSha256),
      ).toBe(true);
      expect(proof.length).toBeLessThanOrEqual(17);
    }
    // An older tree of the same log proves from the same tiles.
    const old = treeOf(40_001).tree.frontier().root();
    const proof = await prover.inclusion(777, 40_001);
    expect(verifyInclusion({ leaf: leaves[777]!, index: 777, size: 40_001, root: old, proof }, nativeSha256)).toBe(true);
    expect(await prover.root(40_001)).toEqual(old);
  });

  it("are the published ones", async () => {
    // certificate-transparency, merkle_tree_test: paths in trees of the leaves above.
    const tree = createTileTree();
    for (const [leaf] of published) tree.append(leafHash(fromHex(leaf)));
    const prover = createProver(async () => tree.edge()[0]!.bytes, 8);
    const hexes = async (index: number, size: number) => (await prover.inclusion(index, size)).map(toHex);
    expect(await hexes(0, 8)).toEqual([
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]);
    expect(await hexes(5, 8)).toEqual([
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect(await hexes(2, 3)).toEqual(["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]);
    expect((await prover.consistency(6, 8)).map(toHex)).toEqual([
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    expect((await prover.consistency(2, 5)).map(toHex)).toEqual([
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]);
  });

  it("cannot be asked of what is not there", async () => {
    const { prover } = treeOf(10);
    const outside = { code: "tlog/out-of-range" };
    await expect(prover.inclusion(10, 10)).rejects.toMatchObject(outside);
    await expect(prover.inclusion(0, 11)).rejects.toMatchObject(outside);
    await expect(prover.inclusion(-1, 10)).rejects.toMatchObject(outside);
    await expect(prover.consistency(5, 4)).rejects.toMatchObject(outside);
    await expect(prover.root(0)).rejects.toMatchObject(outside);
    const short = createProver(async () => new Uint8Array(32), 10);
    await expect(short.inclusion(9, 10)).rejects.toMatchObject({ code: "tlog/bad-tile" });
  });

  it("never verify when the numbers are nonsense", () => {
    const leaf = leaves[0]!;
    for (const [index, size] of [
      [0, 0],
      [1, 1],
      [-1, 1],
      [0.5, 2],
      [Number.NaN, 1],
      [0, 2 ** 60],
    ] as const) {
      expect(verifyInclusion({ leaf, index, size, root: leaf, proof: [] })).toBe(false);
    }
    expect(verifyInclusion({ leaf, index: 0, size: 1, root: leaf, proof: [] })).toBe(true);
    expect(verifyInclusion({ leaf: leaf.subarray(1), index: 0, size: 1, root: leaf.subarray(1), proof: [] })).toBe(false);
  });
});

describe("consistency proofs", () => {
  it("verify for every pair of sizes up to 130, and for no other root", async () => {
    const roots = Array.from({ length: 131 }, (_, size) => mth(leaves.slice(0, size)));
    for (let newSize = 1; newSize <= 130; newSize++) {
      const { prover } = treeOf(newSize);
      for (let oldSize = 0; oldSize <= newSize; oldSize++) {
        const claim = {
          oldSize,
          oldRoot: roots[oldSize]!,
          newSize,
          newRoot: roots[newSize]!,
          proof: await prover.consistency(oldSize, newSize),
        };
        expect(verifyConsistency(claim, nativeSha256), `${oldSize} to ${newSize}`).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: leaves[200]! }, nativeSha256)).toBe(false);
        expect(verifyConsistency({ ...claim, proof: [...claim.proof, roots[1]!] }, nativeSha256)).toBe(false);
        if (oldSize > 0) expect(verifyConsistency({ ...claim, newRoot: leaves[200]! }, nativeSha256)).toBe(false);
      }
    }
  }, 60_000);

  it("do not let a tree shrink, nor an empty one have content", () => {
    expect(verifyConsistency({ oldSize: 2, oldRoot: leaves[0]!, newSize: 1, newRoot: leaves[0]!, proof: [] })).toBe(false);
    expect(verifyConsistency({ oldSize: 0, oldRoot: leaves[0]!, newSize: 1, newRoot: leaves[0]!, proof: [] })).toBe(false);
    expect(verifyConsistency({ oldSize: 0, oldRoot: emptyRoot(), newSize: 1, newRoot: leaves[0]!, proof: [] })).toBe(true);
    expect(verifyConsistency({ oldSize: 3, oldRoot: leaves[0]!, newSize: 4, newRoot: leaves[0]!, proof: [] })).toBe(false);
  });
});
