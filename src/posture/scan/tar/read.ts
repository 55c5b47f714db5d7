/** Headers of a tar archive (POSIX.1-2017 `pax`, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"), as Python's `tarfile` reads them. */

import type { ByteSource } from "../bytes/source.ts";
import { refused } from "../refuse.ts";

export interface TarEntry {
  readonly name: string;
  readonly type: string;
  readonly link: string;
  readonly mode: number;
  readonly uid: number;
  /** True where extended attributes give the file capabilities (`security.capability`). */
  readonly hasCapabilities: boolean;
  readonly sizeBytes: number;
  readonly data: number;
  /** True when its bytes are a map of holes and what lies between them. */
  readonly sparse: boolean;
}

export interface TarHeaders {
  readonly entries: readonly TarEntry[];
  readonly broken: string | undefined;
  /** Behind the two blocks of zeros. */
  readonly end: number;
}

/** Files, also contiguous ones and those of archives older than POSIX. */
export const isRegular = (type: string): boolean => ["0", "\0", "7"].includes(type);

/** The sum of a header, its own eight bytes taken as spaces. Some programs add bytes with a sign: both sums are known to be written. */
export function hasChecksum(header: Uint8Array): boolean {
  if (header[0] === 0) return false;
  const stated = octal(header.subarray(148, 156));
  let [sum, signed] = [8 * 32, 8 * 32];
  for (let i = 0; i < 512; i++) {
    if (i >= 148 && i < 156) continue;
    const byte = header[i]!;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  return stated === sum || stated === signed;
}

const utf8 = new TextDecoder("utf-8");
const text = (bytes: Uint8Array): string => utf8.decode(bytes).split("\0")[0]!;

/** A number in octal text, or in base 256 when its first bit is set (GNU). */
function octal(bytes: Uint8Array): number {
  if (bytes[0]! & 0x80) return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, bytes[0]! & 0x7f);
  const digits = /[0-7]+/.exec(text(bytes))?.[0];
  return digits === undefined ? 0 : Number.parseInt(digits, 8);
}

/** Links, devices and folders: what follows their header is the next header, whatever size it states. */
const withoutData = "123456";

interface Long {
  name?: string;
  link?: string;
  size?: number;
  sparse?: boolean;
  uid?: number;
  hasCapabilities?: boolean;
}

/** @throws scan/refused */
export function readTar(source: ByteSource, maxEntries: number): TarHeaders {
  const entries: TarEntry[] = [];
  let long: Long = {};
  let at = 0;
  while (at + 512 <= source.sizeBytes) {
    const header = source.read(at, 512);
    if (header.every((byte) => byte === 0)) {
      const next = source.read(at + 512, 512);
      if (next.every((byte) => byte === 0)) break;
      // One block of zeros ends an archive for some programs, and is passed over by others (`ignore_zeros`).
      at += 512;
      continue;
    }
    if (!hasChecksum(header)) return { entries, broken: `the header at byte ${at} has a wrong checksum`, end: source.sizeBytes };
    const type = String.fromCharCode(header[156]!);
    const isExtended = "LKxXg".includes(type);
    const sizeBytes = (isExtended ? undefined : long.size) ?? octal(header.subarray(124, 136));
    const data = at + 512;
    if (data + sizeBytes > source.sizeBytes)
      return { entries, broken: `an entry at byte ${at} reaches past the end`, end: source.sizeBytes };
    at = withoutData.includes(type) ? data : data + Math.ceil(sizeBytes / 512) * 512;
    if (isExtended) {
      Object.assign(long, longNames(type, source.read(data, Math.min(sizeBytes, 1 << 20))));
      continue;
    }
    entries.push(entryOf(header, long, { type, sizeBytes, data }));
    if (entries.length > maxEntries) throw refused(`it has more than ${maxEntries} members`);
    long = {};
  }
  return { entries, broken: undefined, end: Math.min(at + 1024, source.sizeBytes) };
}

function entryOf(header: Uint8Array, long: Long, about: Pick<TarEntry, "type" | "sizeBytes" | "data">): TarEntry {
  const prefix = text(header.subarray(257, 262)) === "ustar" ? text(header.subarray(345, 500)) : "";
  const short = text(header.subarray(0, 100));
  return {
    ...about,
    name: long.name ?? (prefix === "" ? short : `${prefix}/${short}`),
    link: long.link ?? text(header.subarray(157, 257)),
    mode: octal(header.subarray(100, 108)),
    uid: long.uid ?? octal(header.subarray(108, 116)),
    hasCapabilities: long.hasCapabilities === true,
    sparse: about.type === "S" || long.sparse === true,
  };
}

/** GNU long names, or records of a pax header: `length key=value\n`, where only the length says where a record ends. */
function longNames(type: string, bytes: Uint8Array): Long {
  if (type === "L") return { name: text(bytes) };
  if (type === "K") return { link: text(bytes) };
  const found: Long = {};
  for (let at = 0; at < bytes.length;) {
    const digits = /^(\d{1,7}) /.exec(utf8.decode(bytes.subarray(at, at + 8)))?.[1];
    const length = Number(digits ?? 0);
    if (digits === undefined || length <= digits.length + 2) break;
    const record = utf8.decode(bytes.subarray(at + digits.length + 1, at + length - 1));
    const equals = record.indexOf("=");
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === "path") found.name = value;
    else if (key === "linkpath") found.link = value;
    else if (key === "size" && /^\d{1,15}$/.test(value)) found.size = Number(value);
    else if (key === "uid" && /^\d{1,15}$/.test(value)) found.uid = Number(value);
    else if (key === "SCHILY.xattr.security.capability") found.hasCapabilities = true;
    else if (key.startsWith("GNU.sparse")) found.sparse = true;
    at += length;
  }
  return found;
}
