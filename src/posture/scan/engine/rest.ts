import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import type { Member } from "../define.ts";

/** What stands behind the end of a format, as a file of its own: a second program goes on reading there. Zeros are padding. */
export function restOf(source: ByteSource, end: number): readonly Member[] {
  const start = firstNonZero(source, end);
  return start === undefined ? [] : [{ name: `rest@${start}`, open: () => partOf(source, start, source.sizeBytes - start) }];
}

/** Padding is looked through for as long as it can honestly be; a file of zeros is not read to its end. */
const maxPadding = 1 << 26;

function firstNonZero(source: ByteSource, from: number): number | undefined {
  const end = Math.min(source.sizeBytes, from + maxPadding);
  for (let at = from; at < end;) {
    const bytes = source.read(at, Math.min(1 << 16, end - at));
    if (bytes.length === 0) return undefined;
    const found = bytes.findIndex((byte) => byte !== 0);
    if (found !== -1) return at + found;
    at += bytes.length;
  }
  return end < source.sizeBytes ? end : undefined;
}
