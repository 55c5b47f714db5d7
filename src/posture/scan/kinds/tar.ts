import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Member } from "../define.ts";
import { malformed, refused } from "../refuse.ts";

export interface TarEntry {
  readonly name: string;
  readonly type: string;
  readonly link: string;
  readonly mode: number;
  readonly sizeBytes: number;
  readonly data: number;
}

declare module "../subject.ts" {
  interface Subjects {
    tar: { readonly entries: readonly TarEntry[] };
  }
}

/** ustar, GNU and pax archives (POSIX.1-2017 `pax`, "ustar Interchange Format"): recognised by the checksum of the first header. */
export const tar = defineKind({
  id: "tar",
  title: "tar archive",
  family: "model",
  order: 97,
  sniff: ({ head }) => head.length >= 512 && hasChecksum(head),
  open(source, { limits }) {
    const { entries, broken } = readTar(source, limits.maxMembers);
    const files = entries.filter(({ type }) => type === "0" || type === "\0" || type === "7" || type === "");
    const members = files.map((entry): Member => ({ name: entry.name, open: () => partOf(source, entry.data, entry.sizeBytes) }));
    return {
      subjects: [{ type: "tar", value: { entries } }],
      members,
      failure: broken === undefined ? undefined : malformed(broken),
    };
  },
});

function hasChecksum(header: Uint8Array): boolean {
  const stated = octal(header.subarray(148, 156));
  let sum = 8 * 32;
  for (let i = 0; i < 512; i++) if (i < 148 || i >= 156) sum += header[i]!;
  return stated === sum && header[0] !== 0;
}

const latin = new TextDecoder("utf-8");
const text = (bytes: Uint8Array): string => latin.decode(bytes).split("\0")[0]!;

/** A number in octal text, or in base 256 when its first bit is set (GNU). */
function octal(bytes: Uint8Array): number {
  if (bytes[0]! & 0x80) return bytes.subarray(1).reduce((value, byte) => value * 256 + byte, bytes[0]! & 0x7f);
  const digits = /[0-7]+/.exec(text(bytes))?.[0];
  return digits === undefined ? 0 : Number.parseInt(digits, 8);
}

export function readTar(source: ByteSource, maxEntries: number): { entries: TarEntry[]; broken: string | undefined } {
  const entries: TarEntry[] = [];
  let long: { name?: string; link?: string; size?: number } = {};
  for (let at = 0; at + 512 <= source.sizeBytes;) {
    const header = source.read(at, 512);
    if (header.every((byte) => byte === 0)) break;
    if (!hasChecksum(header)) return { entries, broken: `the header at byte ${at} has a wrong checksum` };
    const type = String.fromCharCode(header[156]!);
    const sizeBytes = long.size ?? octal(header.subarray(124, 136));
    const data = at + 512;
    if (data + sizeBytes > source.sizeBytes) return { entries, broken: `an entry at byte ${at} reaches past the end` };
    at = data + Math.ceil(sizeBytes / 512) * 512;
    if ("LKxg".includes(type)) {
      long = type === "g" ? long : { ...long, ...longNames(type, source.read(data, Math.min(sizeBytes, 1 << 20))) };
      continue;
    }
    const prefix = text(header.subarray(257, 262)) === "ustar" ? text(header.subarray(345, 500)) : "";
    const short = text(header.subarray(0, 100));
    const name = long.name ?? (prefix === "" ? short : `${prefix}/${short}`);
    const link = long.link ?? text(header.subarray(157, 257));
    entries.push({ name, type, link, mode: octal(header.subarray(100, 108)), sizeBytes, data });
    if (entries.length > maxEntries) throw refused(`it has more than ${maxEntries} members`);
    long = {};
  }
  return { entries, broken: undefined };
}

/** GNU long names, or records of a pax header: `length key=value\n`. */
function longNames(type: string, bytes: Uint8Array): { name?: string; link?: string; size?: number } {
  if (type === "L") return { name: text(bytes) };
  if (type === "K") return { link: text(bytes) };
  const found: { name?: string; link?: string; size?: number } = {};
  const all = latin.decode(bytes);
  for (const [, key, value] of all.matchAll(/\d+ (path|linkpath|size)=([^\n]*)\n/g)) {
    if (key === "path") found.name = value!;
    else if (key === "linkpath") found.link = value!;
    else found.size = Number(value);
  }
  return found;
}
