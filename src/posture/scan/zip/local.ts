/** The local headers of a ZIP archive, one after another from its first byte, as programs read it that do not go back (APPNOTE.TXT, 4.3.7). */

import type { ByteSource } from "../bytes/source.ts";
import type { Reading } from "./central.ts";
import type { Directory } from "./end.ts";
import type { ZipEntry } from "./entries.ts";
import { nameOf, View } from "./view.ts";

interface Walking extends Reading {
  readonly end: Directory | undefined;
}

/** Local headers that the directory does not know: from the first byte on, header after header. */
export function walkLocal(
  source: ByteSource,
  known: ReadonlyMap<number, ZipEntry>,
  { end, maxEntries, lies }: Walking,
): ZipEntry[] {
  const found: ZipEntry[] = [];
  let at = 0;
  for (let count = 0; count <= maxEntries * 2 && at + 30 <= source.sizeBytes; count++) {
    const head = source.read(at, 30);
    const local = new View(head);
    if (local.u32(0) !== 0x04034b50) break;
    const nameBytes = local.u16(26);
    const data = at + 30 + nameBytes + local.u16(28);
    const listed = known.get(at);
    const flags = local.u16(6);
    const [crc32, compressedBytes, sizeBytes] = [local.u32(14), local.u32(18), local.u32(22)];
    if (listed === undefined) {
      const name = nameOf(source.read(at + 30, nameBytes), flags);
      if (end !== undefined) lies.push(`${name} at byte ${at} is not in the directory`);
      const length = flags & 8 || compressedBytes === 0xffffffff ? source.sizeBytes - data : compressedBytes;
      found.push({ name, flags, method: local.u16(8), crc32, compressedBytes: length, sizeBytes, header: at, data });
      if (flags & 8 && compressedBytes === 0) break;
    }
    at = data + (listed?.compressedBytes ?? compressedBytes);
    at = skipDescriptor(source, at, (flags & 8) !== 0);
  }
  return found;
}

/** A data descriptor of 12, 16 or 24 bytes follows streamed data: the one that another header follows. */
function skipDescriptor(source: ByteSource, at: number, streamed: boolean): number {
  const next = source.read(at, 32);
  for (const skip of streamed ? [16, 24, 12, 20, 0] : [0]) {
    if (next[skip] === 0x50 && next[skip + 1] === 0x4b && (next[skip + 2] === 3 || next[skip + 2] === 1)) return at + skip;
  }
  return at;
}
