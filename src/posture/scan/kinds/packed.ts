import { bytesSource, copyOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { defineKind } from "../define.ts";
import type { Kind, Opened } from "../define.ts";
import type { ScanContext } from "../engine/context.ts";
import { malformed, refused } from "../refuse.ts";
import { restOf } from "../engine/rest.ts";
import { unpackBzip2 } from "../unpack/bzip2.ts";
import { Growing } from "../unpack/growing.ts";
import type { Unpacked } from "../unpack/growing.ts";
import { inflateGzip, inflateZlib } from "../unpack/inflate.ts";
import { unpackLz4 } from "../unpack/lz4.ts";
import { unpackLzma, unpackXz } from "../unpack/xz.ts";

/** One stream, one member. What came out before it broke is looked at as well: a loader that reads while it unpacks acts on it. */
function opened(source: ByteSource, context: ScanContext, unpack: (limit: number) => Unpacked): Opened {
  const { bytes, broken, used } = unpack(context.budget.allowance);
  context.budget.spend(bytes.length);
  const failure = broken === undefined ? undefined : malformed(`its packed data is damaged: ${broken}`);
  const data = { name: "data", open: () => bytesSource(bytes) };
  return { subjects: [], members: broken === undefined ? [data, ...restOf(source, used)] : [data], failure };
}

const family = "model" as const;
const whole = (source: ByteSource, { limits }: ScanContext): Uint8Array => {
  if (source.sizeBytes > limits.maxUnpackedBytes) throw refused(`it has more than ${limits.maxUnpackedBytes} packed bytes`);
  return copyOf(source, 0, source.sizeBytes);
};
const starts = (head: Uint8Array, ...magic: readonly number[]): boolean => magic.every((byte, i) => head[i] === byte);

export const gzip: Kind = defineKind({
  id: "gzip",
  title: "gzip",
  family,
  order: 45,
  sniff: ({ head }) => starts(head, 0x1f, 0x8b, 8),
  open: (source, context) => opened(source, context, (limit) => inflateGzip(source, limit)),
});

/** Two bytes are a weak magic number: they must pass their own check (RFC 1950, 2.2), and something must come out. */
export const zlib: Kind = defineKind({
  id: "zlib",
  title: "zlib (joblib)",
  family,
  order: 95,
  sniff: ({ head, source }) =>
    (head[0]! & 15) === 8 &&
    head[0]! >> 4 <= 7 &&
    (head[0]! * 256 + head[1]!) % 31 === 0 &&
    (head[1]! & 32) === 0 &&
    gives(source),
  open: (source, context) => opened(source, context, (limit) => inflateZlib(source, limit)),
});

function gives(source: ByteSource): boolean {
  try {
    const { bytes, broken } = inflateZlib({ sizeBytes: Math.min(source.sizeBytes, 4096), read: source.read }, 1 << 20);
    return bytes.length > 0 || broken === undefined;
  } catch {
    return true; // more than a mebibyte came out of the first four kibibytes
  }
}

export const bzip2: Kind = defineKind({
  id: "bzip2",
  title: "bzip2",
  family,
  order: 45,
  sniff: ({ head }) =>
    starts(head, 0x42, 0x5a, 0x68) && head[3]! >= 0x31 && head[3]! <= 0x39 && (head[4] === 0x31 || head[4] === 0x17),
  open: (source, context) =>
    opened(source, context, (limit) => {
      const out = new Growing(limit);
      const { used, broken } = unpackBzip2(source, out);
      return { bytes: out.done(), used, broken };
    }),
});

export const xz: Kind = defineKind({
  id: "xz",
  title: "xz",
  family,
  order: 45,
  sniff: ({ head }) => starts(head, 0xfd, 0x37, 0x7a, 0x58, 0x5a, 0),
  open: (source, context) => opened(source, context, (limit) => unpackXz(whole(source, context), limit)),
});

export const lzma: Kind = defineKind({
  id: "lzma",
  title: "lzma (joblib)",
  family,
  order: 96,
  sniff: ({ head, sizeBytes, source }) => sizeBytes >= 18 && isLzmaHead(head) && givesLzma(source),
  open: (source, context) => opened(source, context, (limit) => unpackLzma(whole(source, context), limit)),
});

/** What liblzma takes for the old form: properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, a length that is unknown or below 2^38. */
function isLzmaHead(head: Uint8Array): boolean {
  const view = new DataView(head.buffer, head.byteOffset);
  const dictionary = view.getUint32(1, true);
  const length = view.getBigUint64(5, true);
  const top = 2 ** Math.floor(Math.log2(dictionary));
  const isSize = dictionary === 0xffffffff || (dictionary > 0 && (dictionary === top || dictionary === top + top / 2));
  return head[0]! < 225 && isSize && (length === 2n ** 64n - 1n || length < 2n ** 38n) && head[13] === 0;
}

function givesLzma(source: ByteSource): boolean {
  try {
    return unpackLzma(copyOf(source, 0, Math.min(source.sizeBytes, 4096)), 1 << 20).bytes.length > 0;
  } catch {
    return true; // more than a mebibyte came out of the first four kibibytes
  }
}

export const lz4: Kind = defineKind({
  id: "lz4",
  title: "LZ4 frame (joblib)",
  family,
  order: 45,
  sniff: ({ head }) => starts(head, 4, 0x22, 0x4d, 0x18) || starts(head, 2, 0x21, 0x4c, 0x18),
  open: (source, context) => opened(source, context, (limit) => unpackLz4(source, limit)),
});
