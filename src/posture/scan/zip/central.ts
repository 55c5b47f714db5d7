/** The central directory of a ZIP archive, each entry beside its own header (APPNOTE.TXT 6.3.10, 4.3.12, 4.5.3, 4.6.9). */

import type { ByteSource } from "../bytes/source.ts";
import { refused } from "../refuse.ts";
import type { Directory } from "./end.ts";
import type { ZipEntry } from "./entries.ts";
import { nameOf, View } from "./view.ts";

export interface Reading {
  readonly maxEntries: number;
  readonly lies: string[];
}

export function readCentral(source: ByteSource, end: Directory, { maxEntries, lies }: Reading): ZipEntry[] {
  if (end.entries > maxEntries) throw refused(`it lists ${end.entries} members, more than ${maxEntries}`);
  if (end.shift < 0) lies.push("its directory is not where its end says");
  if (end.shift > 0) lies.push(`${end.shift} bytes stand in front of the archive`);
  if (end.behind !== 0) lies.push(end.behind > 0 ? `${end.behind} bytes stand behind the archive` : "its comment is cut short");
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
    const other = unicodeName(rest, nameBytes);
    if (other !== undefined && other !== name) lies.push(`${name} has the second name ${other}`);
    const entry = { name, flags, method: head.u16(10), crc32: head.u32(16), ...listed, header, data: 0 };
    const data = compareLocal(source, entry, lies);
    if (data !== undefined) found.push({ ...entry, data });
    if (found.length > maxEntries) throw refused(`it lists more than ${maxEntries} members`);
    at += 46 + nameBytes + extraBytes + commentBytes;
  }
  if (found.length !== end.entries) lies.push(`its end counts ${end.entries} members, its directory has ${found.length}`);
  return found;
}

/** Extra fields by their number, first come first. */
function extraField(rest: View, from: number, id: number): { at: number; length: number } | undefined {
  for (let at = from; at + 4 <= rest.bytes.length; at += 4 + rest.u16(at + 2)) {
    if (rest.u16(at) === id) return { at: at + 4, length: Math.min(rest.u16(at + 2), rest.bytes.length - at - 4) };
  }
  return undefined;
}

/** The name of the extra field 0x7075, which Python and others take instead. */
function unicodeName(rest: View, nameBytes: number): string | undefined {
  const field = extraField(rest, nameBytes, 0x7075);
  if (field === undefined || field.length < 5) return undefined;
  return nameOf(rest.bytes.subarray(field.at + 5, field.at + field.length), 0x800);
}

/** The three numbers, from the 64-bit extra field 0x0001 where the short ones are all ones. */
function sizes(head: View, rest: View, nameBytes: number): { compressedBytes: number; sizeBytes: number; header: number } {
  const short = { sizeBytes: head.u32(24), compressedBytes: head.u32(20), header: head.u32(42) };
  const wide = (["sizeBytes", "compressedBytes", "header"] as const).filter((key) => short[key] === 0xffffffff);
  const field = wide.length === 0 ? undefined : extraField(rest, nameBytes, 1);
  wide.forEach((key, i) => {
    if (field !== undefined && i * 8 + 8 <= field.length) short[key] = rest.u64(field.at + i * 8);
  });
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
  const streamed = (flags & 8) !== 0; // sizes and checksum follow the data, and are zero here
  const differs = (stated: number, listed: number): boolean =>
    stated !== listed && !(streamed && stated === 0) && stated !== 0xffffffff && listed <= 0xfffffffe;
  if (differs(local.u32(22), entry.sizeBytes)) differ.push(`size ${local.u32(22)}`);
  if (differs(local.u32(18), entry.compressedBytes)) differ.push(`packed size ${local.u32(18)}`);
  if (local.u32(14) !== entry.crc32 && !(streamed && local.u32(14) === 0)) differ.push("checksum");
  if (entry.method === 0 && entry.compressedBytes !== entry.sizeBytes && (flags & 1) === 0)
    differ.push(`${entry.compressedBytes} bytes that are not packed`);
  if (differ.length > 0) lies.push(`the header of ${entry.name} differs from the directory: ${differ.join(", ")}`);
  if (data + entry.compressedBytes > source.sizeBytes) lies.push(`${entry.name} reaches past the end`);
  return data;
}
