/** The end record of a ZIP archive, which says where its directory is (APPNOTE.TXT 6.3.10, 4.3.14 to 4.3.16). */

import type { ByteSource } from "../bytes/source.ts";
import { View } from "./view.ts";

export interface Directory {
  readonly entries: number;
  readonly start: number;
  readonly length: number;
  /** Of the end record. */
  readonly at: number;
  /** Bytes in front of the archive: all offsets are from there. */
  readonly shift: number;
  /** Bytes behind the end record and its comment. */
  readonly behind: number;
}

const mark = 0x06054b50;

/** The last end record, wherever it lies: trailing bytes do not hide an archive. */
export function findEnd(source: ByteSource): Directory | undefined {
  const window = Math.min(source.sizeBytes, 22 + 65_535 + 4096);
  const from = source.sizeBytes - window;
  const tail = source.read(from, window);
  for (let i = tail.lastIndexOf(0x50, tail.length - 22); i >= 0; i = i === 0 ? -1 : tail.lastIndexOf(0x50, i - 1)) {
    const end = new View(tail.subarray(i, i + 22));
    if (end.u32(0) === mark) return endAt(source, from + i, end);
  }
  return undefined;
}

function endAt(source: ByteSource, at: number, end: View): Directory {
  let [entries, length, start] = [end.u16(10), end.u32(12), end.u32(16)];
  let before = at;
  if (at >= 20) {
    const locator = new View(source.read(at - 20, 20));
    if (locator.u32(0) === 0x07064b50) {
      const stated = locator.u64(8);
      // With bytes in front the record lies right before its locator, whatever the locator says.
      const place = [stated, at - 76].find(
        (candidate) => candidate >= 0 && candidate + 56 <= at && new View(source.read(candidate, 4)).u32(0) === 0x06064b50,
      );
      if (place !== undefined) {
        const wide = new View(source.read(place, 56));
        [entries, length, start, before] = [wide.u64(32), wide.u64(40), wide.u64(48), place];
      }
    }
  }
  return { entries, start, length, at, shift: before - length - start, behind: source.sizeBytes - at - 22 - end.u16(20) };
}

/**
 * True when programs that look for an archive from its end (`zipfile.is_zipfile`) find one here, whatever stands in front. With `loose`
 * also when bytes stand behind it.
 */
export function endsInArchive(source: ByteSource, { loose }: { readonly loose: boolean }): boolean {
  const end = findEnd(source);
  if (end === undefined || (!loose && end.behind !== 0)) return false;
  const place = Math.max(0, end.start + Math.max(0, end.shift));
  return end.entries === 0 ? end.length === 0 : new View(source.read(place, 4)).u32(0) === 0x02014b50;
}
