/** What somebody who has the machine, its files and its signing key can make of a log. */
import { nativeSha256, nativeSigningKey, parseSignerKey } from "../../src/base/crypto/index.node.ts";
import type { Disk } from "../../src/base/port/index.ts";
import {
  createTileTree,
  formatBundle,
  leafHash,
  noteSigner,
  parseBundle,
  partialTiles,
  signCheckpoint,
  tilePath,
  tileWidth,
} from "../../src/base/tlog/index.ts";
import { filesBelow, putFile } from "./audit.ts";

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** The entries in a log's bundles, in order. */
export async function entriesOf(disk: Disk): Promise<Uint8Array[]> {
  const files = [...(await filesBelow(disk, "log/tile/entries"))].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return files.flatMap(([, bytes]) => parseBundle(bytes));
}

/** Writes a log of these entries anew: bundles, tiles and a checkpoint that fit each other, signed with the key that lies there. */
export async function forge(disk: Disk, entries: readonly Uint8Array[], origin?: string): Promise<void> {
  for (const path of (await filesBelow(disk, "log")).keys()) await disk.remove(path);
  const signer = parseSignerKey(text(await disk.read("signing.key")).trim(), nativeSigningKey);
  const tree = createTileTree(nativeSha256);
  for (const [at, entry] of entries.entries()) {
    for (const tile of tree.append(leafHash(entry, nativeSha256)))
      await putFile(disk, `log/${tilePath({ ...tile, width: tileWidth })}`, tile.bytes);
    if ((at + 1) % tileWidth === 0) {
      const bundle = { level: "entries", index: (at + 1) / tileWidth - 1, width: tileWidth } as const;
      await putFile(disk, `log/${tilePath(bundle)}`, formatBundle(entries.slice(at + 1 - tileWidth, at + 1)));
    }
  }
  const edge = tree.edge();
  for (const tile of partialTiles(entries.length)) {
    const bytes =
      tile.level === "entries"
        ? formatBundle(entries.slice(tile.index * tileWidth))
        : edge.find(({ level }) => level === tile.level)?.bytes;
    await putFile(disk, `log/${tilePath(tile)}`, bytes);
  }
  const name = origin ?? signer.name;
  const checkpoint = { origin: name, size: entries.length, root: tree.frontier().root() };
  await putFile(disk, "log/checkpoint", new TextEncoder().encode(signCheckpoint(checkpoint, [noteSigner(name, signer.key)])));
}
