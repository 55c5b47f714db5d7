/**
 * The directory of a ZIP archive (APPNOTE.TXT 6.3.10), from bytes that nobody vouches for: sections 4.3.12 (central directory),
 * 4.3.14 to 4.3.16 (its end, also in 64 bits), 4.5.3 (64-bit sizes).
 */

import { quote } from "../../../base/error/index.ts";
import { malformed, tooLarge, unsupported } from "../refuse.ts";
import { maxExpansion } from "./inflate.ts";

export interface ZipEntry {
  readonly name: string;
  readonly method: "stored" | "deflated";
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Where the entry's own header lies. */
  readonly offset: number;
}

export interface ZipLimits {
  /** Most entries; 10,000. */
  readonly maxEntries?: number;
  /** Most bytes of all entries together, expanded; 4 GiB. */
  readonly maxExpandedBytes?: number;
}

interface End {
  readonly entries: number;
  readonly start: number;
  readonly length: number;
}

const signatures = { entry: 0x02014b50, end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 };

/**
 * All entries, in the order of the directory.
 * @throws data/malformed, data/unsupported, data/too-large
 */
export function readDirectory(bytes: Uint8Array, file: string, limits: ZipLimits = {}): readonly ZipEntry[] {
  const { maxEntries = 10_000, maxExpandedBytes = 2 ** 32 } = limits;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, file);
  const hint = "split the archive, or raise the limit if you trust where it comes from";
  if (end.entries > maxEntries) throw tooLarge(file, `${end.entries} entries are more than ${maxEntries}`, hint);
  const found: ZipEntry[] = [];
  let at = end.start;
  let expanded = 0;
  while (found.length < end.entries) {
    const { entry, next } = readEntry(view, at, file);
    if (next > end.start + end.length) throw malformed(file, "its directory is longer than it says", { where: `byte ${at}` });
    expanded += entry.sizeBytes;
    if (expanded > maxExpandedBytes) throw tooLarge(file, `it expands to more than ${maxExpandedBytes} bytes`, hint);
    found.push(entry);
    at = next;
  }
  refuseTricks(found, end.start, file);
  return found;
}

/** Two entries that share bytes, or a name: no honest archive has them, and bombs do (Fifield, WOOT 2019). */
function refuseTricks(entries: readonly ZipEntry[], directoryStart: number, file: string): void {
  const names = new Set<string>();
  for (const { name } of entries) {
    if (names.has(name)) throw malformed(file, `two entries are called ${quote(name)}`);
    names.add(name);
  }
  const byPlace = entries.toSorted((a, b) => a.offset - b.offset);
  byPlace.forEach((entry, i) => {
    const next = byPlace[i + 1]?.offset ?? directoryStart;
    if (entry.offset + 30 + entry.compressedBytes > next) {
      throw malformed(file, `entry ${quote(entry.name)} overlaps what follows`, { where: `byte ${entry.offset}` });
    }
  });
}

function findEnd(view: DataView, file: string): End {
  const last = view.byteLength - 22;
  // The end may be followed by a comment of up to 65,535 bytes, whose length must reach exactly to the end of the file.
  for (let at = last; at >= Math.max(0, last - 65_535); at--) {
    if (view.getUint32(at, true) !== signatures.end || at + 22 + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const end = {
      entries: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      start: view.getUint32(at + 16, true),
    };
    const isShort = end.entries === 0xffff || end.length === 0xffffffff || end.start === 0xffffffff;
    const found =
      isShort && at >= 20 && view.getUint32(at - 20, true) === signatures.locator64 ? end64(view, at - 20, file) : end;
    if (found.start + found.length > at) throw malformed(file, "its directory lies outside the file", { where: `byte ${at}` });
    return found;
  }
  throw malformed(file, "it has no end of a ZIP directory", { where: `byte ${view.byteLength}` });
}

function end64(view: DataView, locator: number, file: string): End {
  const at = safe64(view, locator + 8, file);
  if (at + 56 > locator || view.getUint32(at, true) !== signatures.end64) {
    throw malformed(file, "its 64-bit directory end is missing", { where: `byte ${locator}` });
  }
  return { entries: safe64(view, at + 32, file), length: safe64(view, at + 40, file), start: safe64(view, at + 48, file) };
}

function safe64(view: DataView, at: number, file: string): number {
  const value = Number(view.getBigUint64(at, true));
  if (!Number.isSafeInteger(value)) throw malformed(file, "a 64-bit length is over 2^53", { where: `byte ${at}` });
  return value;
}

function readEntry(view: DataView, at: number, file: string): { entry: ZipEntry; next: number } {
  if (at + 46 > view.byteLength || view.getUint32(at, true) !== signatures.entry) {
    throw malformed(file, "an entry of its directory is missing", { where: `byte ${at}` });
  }
  const nameStart = at + 46;
  const extraStart = nameStart + view.getUint16(at + 28, true);
  const extraEnd = extraStart + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > view.byteLength) throw malformed(file, "an entry of its directory is cut short", { where: `byte ${at}` });
  const name = decodeName(new Uint8Array(view.buffer, view.byteOffset + nameStart, extraStart - nameStart));
  if ((view.getUint16(at + 8, true) & 0x2041) !== 0) {
    throw unsupported(file, `entry ${quote(name)} is encrypted`, "write the archive without a password");
  }
  const short = {
    sizeBytes: view.getUint32(at + 24, true),
    compressedBytes: view.getUint32(at + 20, true),
    offset: view.getUint32(at + 42, true),
  };
  const entry: ZipEntry = {
    name,
    method: methodOf(view.getUint16(at + 10, true), name, file),
    crc32: view.getUint32(at + 16, true),
    ...widen(view, short, { start: extraStart, end: extraEnd }, file),
  };
  checkSizes(entry, file);
  return { entry, next };
}

function methodOf(method: number, name: string, file: string): ZipEntry["method"] {
  if (method === 0) return "stored";
  if (method === 8) return "deflated";
  throw unsupported(
    file,
    `entry ${quote(name)} is packed by method ${method}`,
    "pack with deflate, as `np.savez_compressed` does",
  );
}

/** A declared size that no honest entry could have is refused before memory is set aside for it. */
function checkSizes({ name, method, compressedBytes, sizeBytes }: ZipEntry, file: string): void {
  const most = method === "stored" ? compressedBytes : compressedBytes * maxExpansion;
  if (sizeBytes > most || (method === "stored" && sizeBytes !== compressedBytes)) {
    throw malformed(file, `entry ${quote(name)} declares ${sizeBytes} bytes, which its ${compressedBytes} cannot hold`);
  }
}

type Sizes = Pick<ZipEntry, "sizeBytes" | "compressedBytes" | "offset">;

/** Replaces those of the three numbers that are all ones by their 64-bit form in the extra field 0x0001, in this order. */
function widen(view: DataView, sizes: Sizes, extra: { start: number; end: number }, file: string): Sizes {
  const wide = (["sizeBytes", "compressedBytes", "offset"] as const).filter((key) => sizes[key] === 0xffffffff);
  if (wide.length === 0) return sizes;
  for (let at = extra.start; at + 4 <= extra.end;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)];
    if (id === 1 && length >= wide.length * 8 && at + 4 + length <= extra.end) {
      const values = wide.map((key, i) => [key, safe64(view, at + 4 + i * 8, file)]);
      return { ...sizes, ...Object.fromEntries(values) };
    }
    at += 4 + length;
  }
  throw malformed(file, "a 64-bit size is missing", { where: `byte ${extra.start}` });
}

/** UTF-8 whatever the flag says: names that matter here are ASCII, and unreadable letters become U+FFFD. */
const decodeName = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
