/** Entries read back: from memory while they are young, from their bundles afterwards. */

import type { EvidenceEntry } from "../../base/evidence/index.ts";
import { ModelkeepError } from "../../base/error/index.ts";
import type { Disk } from "../../base/port/index.ts";
import { parseBundle, tilePath, tileWidth } from "../../base/tlog/index.ts";
import { decodeEntry } from "./entry.ts";
import type {} from "./errors.ts";
import { paths } from "./paths.ts";

/** Bundles kept parsed; 16 are about 4,000 entries. */
const keptBundles = 16;

export interface Reader {
  /** The entry's bytes as logged, or undefined when the log has none at this index. */
  bytes(index: number): Promise<Uint8Array | undefined>;
  entry(index: number): Promise<EvidenceEntry | undefined>;
  /** Entries from `from` up to `to`, which is not included. */
  forward(from: number, to: number): AsyncGenerator<EvidenceEntry>;
  /** Entries below `before`, newest first. */
  backward(before: number): AsyncGenerator<EvidenceEntry>;
}

export function createReader(parts: {
  readonly disk: Disk;
  /** Number of durable entries. */
  readonly size: () => number;
  /** The entry, when it is not in a full bundle on disk. */
  readonly young: (index: number) => Uint8Array | undefined;
}): Reader {
  const { disk, size, young } = parts;
  const bundles = new Map<number, readonly Uint8Array[]>();

  async function bundle(number: number): Promise<readonly Uint8Array[]> {
    const known = bundles.get(number);
    if (known !== undefined) {
      bundles.delete(number);
      bundles.set(number, known); // most recently used last
      return known;
    }
    const path = `${paths.log}/${tilePath({ level: "entries", index: number, width: tileWidth })}`;
    const bytes = await disk.read(path);
    if (bytes === undefined) {
      throw new ModelkeepError("audit/damaged", { message: `${path} is missing`, hint: "run `modelkeep audit verify`" });
    }
    const entries = parseBundle(bytes, tileWidth);
    bundles.set(number, entries);
    if (bundles.size > keptBundles) bundles.delete(bundles.keys().next().value!);
    return entries;
  }

  async function bytes(index: number): Promise<Uint8Array | undefined> {
    if (!Number.isSafeInteger(index) || index < 0 || index >= size()) return undefined;
    return young(index) ?? (await bundle(Math.floor(index / tileWidth)))[index % tileWidth];
  }

  async function entry(index: number): Promise<EvidenceEntry | undefined> {
    const found = await bytes(index);
    return found === undefined ? undefined : decodeEntry(found, index);
  }

  return {
    bytes,
    entry,
    async *forward(from, to) {
      for (let index = from; index < Math.min(to, size()); index++) {
        const found = await entry(index);
        if (found !== undefined) yield found;
      }
    },
    async *backward(before) {
      for (let index = Math.min(before, size()) - 1; index >= 0; index--) {
        const found = await entry(index);
        if (found !== undefined) yield found;
      }
    },
  };
}
