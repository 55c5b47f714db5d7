/** Entries of a ZIP archive, out and in. */

import { concatBytes } from "../../../base/crypto/index.ts";
import { quote } from "../../../base/error/index.ts";
import { malformed, tooLarge } from "../refuse.ts";
import { crc32 } from "./crc32.ts";
import type { ZipEntry } from "./directory.ts";
import { deflate, inflate } from "./inflate.ts";

/**
 * The bytes of one entry, checked against its CRC; a stored entry is a view of the archive.
 * @throws data/malformed
 */
export async function readEntryBytes(bytes: Uint8Array, entry: ZipEntry, file: string): Promise<Uint8Array> {
  const { offset, compressedBytes, sizeBytes, method } = entry;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + 30 > bytes.length || view.getUint32(offset, true) !== 0x04034b50) {
    throw malformed(file, `the header of ${quote(entry.name)} is missing`, { where: `byte ${offset}` });
  }
  // The lengths of name and extra field may differ from the directory's; everything else is taken from there.
  const start = offset + 30 + view.getUint16(offset + 26, true) + view.getUint16(offset + 28, true);
  if (start + compressedBytes > bytes.length) {
    throw malformed(file, `the data of ${quote(entry.name)} is cut short`, { where: `byte ${start}` });
  }
  const packed = bytes.subarray(start, start + compressedBytes);
  const found = method === "stored" ? packed : await inflate(packed, sizeBytes, `${file}/${entry.name}`);
  if (crc32(found) !== entry.crc32) {
    throw malformed(file, `the checksum of ${quote(entry.name)} differs`, { where: `byte ${start}` });
  }
  return found;
}

/** Stored data begins at multiples of this, so that it can be used where it lies; the extra field 0xD935 is Android's for the same end. */
const alignment = 64;

/**
 * An archive of these entries, the same bytes for the same entries: all dates are 1980-01-01.
 * @throws data/too-large when 32 bits cannot say the sizes
 */
export async function writeZip(
  entries: Iterable<readonly [name: string, bytes: Uint8Array]>,
  options: { readonly file: string; readonly compress: boolean },
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let length = 0;
  for (const [name, bytes] of entries) {
    const data = options.compress ? await deflate(bytes, options.file) : bytes;
    const facts = { name: new TextEncoder().encode(name), crc: crc32(bytes), packed: data.length, size: bytes.length };
    const head = length + 30 + facts.name.length + 6;
    const extra = options.compress ? new Uint8Array(0) : padding((alignment - (head % alignment)) % alignment);
    directory.push(header(facts, options.compress, { at: length }));
    parts.push(header(facts, options.compress, { extra }), data);
    length += parts.at(-2)!.length + data.length;
  }
  const directoryLength = directory.reduce((sum, part) => sum + part.length, 0);
  if (length + directoryLength >= 0xffffffff || directory.length >= 0xffff) {
    throw tooLarge(options.file, "4 GiB or 65,535 arrays are the most one archive takes", "write several archives");
  }
  return concatBytes(...parts, ...directory, endOf(directory.length, directoryLength, length));
}

interface Facts {
  readonly name: Uint8Array;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
}

/** A header before an entry's data (4.3.7, with `extra`) or in the directory (4.3.12, with `at`). */
function header(facts: Facts, compress: boolean, place: { extra: Uint8Array } | { at: number }): Uint8Array {
  const local = "extra" in place;
  const fixed = local ? 30 : 46;
  const out = new Uint8Array(fixed + facts.name.length + (local ? place.extra.length : 0));
  const view = new DataView(out.buffer);
  view.setUint32(0, local ? 0x04034b50 : 0x02014b50, true);
  const at = local ? 4 : 6;
  if (!local) view.setUint16(4, 20, true);
  view.setUint16(at, 20, true); // version 2.0: deflate
  view.setUint16(at + 2, 0x0800, true); // names are UTF-8
  view.setUint16(at + 4, compress ? 8 : 0, true);
  view.setUint16(at + 8, 0x0021, true); // 1980-01-01
  view.setUint32(at + 10, facts.crc, true);
  view.setUint32(at + 14, facts.packed, true);
  view.setUint32(at + 18, facts.size, true);
  view.setUint16(at + 22, facts.name.length, true);
  out.set(facts.name, fixed);
  if (local) {
    view.setUint16(at + 24, place.extra.length, true);
    out.set(place.extra, fixed + facts.name.length);
  } else view.setUint32(42, place.at, true);
  return out;
}

function padding(length: number): Uint8Array {
  const out = new Uint8Array(6 + length);
  const view = new DataView(out.buffer);
  view.setUint16(0, 0xd935, true);
  view.setUint16(2, 2 + length, true);
  view.setUint16(4, alignment, true);
  return out;
}

function endOf(entries: number, directoryLength: number, start: number): Uint8Array {
  const out = new Uint8Array(22);
  const view = new DataView(out.buffer);
  view.setUint32(0, 0x06054b50, true);
  view.setUint16(8, entries, true);
  view.setUint16(10, entries, true);
  view.setUint32(12, directoryLength, true);
  view.setUint32(16, start, true);
  return out;
}
