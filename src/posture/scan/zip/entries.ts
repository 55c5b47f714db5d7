/**
 * A ZIP archive as its two stories: the central directory, which most programs believe, and the local headers, which streaming programs
 * read. Both are read to the end, and where they part is told (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16).
 */

import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { malformed, refused } from "../refuse.ts";

export interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of the local header. */
  readonly header: number;
  /** Of the data. */
  readonly data: number;
}

export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** Sentences about where the archive contradicts itself. */
  readonly lies: readonly string[];
}

const latin = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8");

class View {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  u16(at: number): number {
    return this.view.getUint16(at, true);
  }
  u32(at: number): number {
    return this.view.getUint32(at, true);
  }
  u64(at: number): number {
    return Number(this.view.getBigUint64(at, true));
  }
}

interface Directory {
  readonly entries: number;
  readonly start: number;
  readonly length: number;
  /** Of the end record. */
  readonly at: number;
  /** Bytes in front of the archive: all offsets are from there. */
  readonly shift: number;
}

/** The last end record, wherever it lies: trailing bytes do not hide an archive. */
function findEnd(source: ByteSource): Directory | undefined {
  const window = Math.min(source.sizeBytes, 22 + 65_535 + 4096);
  const from = source.sizeBytes - window;
  const tail = source.read(from, window);
  for (let i = tail.length - 22; i >= 0; i--) {
    if (tail[i] !== 0x50 || tail[i + 1] !== 0x4b || tail[i + 2] !== 5 || tail[i + 3] !== 6) continue;
    return endAt(source, from + i, new View(tail.subarray(i, i + 22)));
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
        (candidate) => candidate + 56 <= at && new View(source.read(candidate, 4)).u32(0) === 0x06064b50,
      );
      if (place !== undefined) {
        const wide = new View(source.read(place, 56));
        [entries, length, start, before] = [wide.u64(32), wide.u64(40), wide.u64(48), place];
      }
    }
  }
  return { entries, start, length, at, shift: before - length - start };
}

/** @throws scan/malformed, scan/refused */
export function readZip(source: ByteSource, maxEntries: number): ZipArchive {
  const lies: string[] = [];
  const end = findEnd(source);
  const central = end === undefined ? [] : readCentral(source, end, { maxEntries, lies });
  if (end === undefined) lies.push("it has no central directory");
  const found = new Map(central.map((entry) => [entry.header, entry]));
  const names = new Map<string, number>();
  for (const { name, header } of central) {
    const other = names.get(name);
    if (other !== undefined) lies.push(other === header ? `${name} is listed twice` : `two entries are called ${name}`);
    names.set(name, header);
  }
  const local = walkLocal(source, found, { end, maxEntries, lies });
  const entries = [...central, ...local];
  if (entries.length === 0) throw malformed("a ZIP archive without entries or directory");
  return { entries, lies };
}

interface Reading {
  readonly maxEntries: number;
  readonly lies: string[];
}

function readCentral(source: ByteSource, end: Directory, { maxEntries, lies }: Reading): ZipEntry[] {
  if (end.entries > maxEntries) throw refused(`it lists ${end.entries} members, more than ${maxEntries}`);
  if (end.shift < 0) lies.push("its directory is not where its end says");
  if (end.shift > 0) lies.push(`${end.shift} bytes stand in front of the archive`);
  const found: ZipEntry[] = [];
  let at = Math.max(0, end.start + Math.max(0, end.shift));
  while (at + 46 <= end.at) {
    const head = new View(source.read(at, 46));
    if (head.u32(0) !== 0x02014b50) break;
    const [nameBytes, extraBytes, commentBytes] = [head.u16(28), head.u16(30), head.u16(32)];
    const rest = new View(source.read(at + 46, nameBytes + extraBytes));
    const listed = sizes(head, rest, nameBytes);
    const header = listed.header + Math.max(0, end.shift);
    const flags = head.u16(8);
    const name = nameOf(rest.bytes.subarray(0, nameBytes), flags);
    const entry = { name, flags, method: head.u16(10), crc32: head.u32(16), ...listed, header, data: 0 };
    const data = compareLocal(source, entry, lies);
    if (data !== undefined) found.push({ ...entry, data });
    if (found.length > maxEntries) throw refused(`it lists more than ${maxEntries} members`);
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  if (found.length !== end.entries) lies.push(`its end counts ${end.entries} members, its directory has ${found.length}`);
  return found;
}

function nameOf(bytes: Uint8Array, flags: number): string {
  return (flags & 0x800 ? utf8 : latin).decode(bytes);
}

/** The three numbers, from the 64-bit extra field 0x0001 where the short ones are all ones. */
function sizes(head: View, rest: View, nameBytes: number): { compressedBytes: number; sizeBytes: number; header: number } {
  const short = { sizeBytes: head.u32(24), compressedBytes: head.u32(20), header: head.u32(42) };
  const wide = (["sizeBytes", "compressedBytes", "header"] as const).filter((key) => short[key] === 0xffffffff);
  const { bytes } = rest;
  for (let at = nameBytes; wide.length > 0 && at + 4 <= bytes.length;) {
    const length = rest.u16(at + 2);
    if (rest.u16(at) === 1) {
      wide.forEach((key, i) => {
        if (i * 8 + 8 <= length && at + 12 + i * 8 <= bytes.length) short[key] = rest.u64(at + 4 + i * 8);
      });
      break;
    }
    at += 4 + length;
  }
  return short;
}

/** Where the data of an entry begins, and what its own header says otherwise. */
function compareLocal(source: ByteSource, entry: Omit<ZipEntry, "data">, lies: string[]): number | undefined {
  const head = source.read(entry.header, 30);
  const local = new View(head);
  if (head.length < 30 || local.u32(0) !== 0x04034b50) {
    lies.push(`${entry.name} has no header where the directory says`);
    return undefined;
  }
  const nameBytes = local.u16(26);
  const data = entry.header + 30 + nameBytes + local.u16(28);
  const flags = local.u16(6);
  const name = nameOf(source.read(entry.header + 30, nameBytes), flags);
  const differ: string[] = [];
  if (name !== entry.name) differ.push(`name ${name}`);
  if (local.u16(8) !== entry.method) differ.push(`method ${local.u16(8)}`);
  if ((flags & 1) !== (entry.flags & 1)) differ.push("encryption");
  const streamed = (flags & 8) !== 0; // sizes and checksum follow the data
  const size = local.u32(22);
  if (!streamed && size !== 0xffffffff && entry.sizeBytes <= 0xfffffffe && size !== entry.sizeBytes) differ.push(`size ${size}`);
  if (!streamed && local.u32(14) !== entry.crc32) differ.push("checksum");
  if (differ.length > 0) lies.push(`the header of ${entry.name} differs from the directory: ${differ.join(", ")}`);
  if (data + entry.compressedBytes > source.sizeBytes) lies.push(`${entry.name} reaches past the end`);
  return data;
}

interface Walking extends Reading {
  readonly end: Directory | undefined;
}

/** Local headers that the directory does not know: from the first byte on, header after header. */
function walkLocal(source: ByteSource, known: ReadonlyMap<number, ZipEntry>, { end, maxEntries, lies }: Walking): ZipEntry[] {
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

/** The packed bytes. */
export function packed(source: ByteSource, entry: ZipEntry): ByteSource {
  return partOf(source, entry.data, entry.compressedBytes);
}
