/**
 * DEFLATE (RFC 1951), and its zlib (RFC 1950) and gzip (RFC 1952) wrappings. Our own because a scan must know how many bytes a stream
 * takes and what it held before it broke: a program that reads while it unpacks acts on that.
 */

import type { ByteSource } from "../bytes/source.ts";
import { adler32, crc32 } from "./checksum.ts";
import { Growing } from "./growing.ts";
import type { Unpacked } from "./growing.ts";

class Broken extends Error {}

/** Code lengths to a table: the low four bits are the length, the rest the symbol (RFC 1951, 3.2.2). Codes of up to 15 bits in one step. */
interface Huffman {
  readonly table: Uint16Array;
  readonly bits: number;
}

function huffman(lengths: Uint8Array): Huffman {
  let bits = 0;
  const count = new Uint16Array(16);
  for (const length of lengths) {
    count[length]!++;
    bits = Math.max(bits, length);
  }
  if (bits === 0) return { table: new Uint16Array(1), bits: 0 };
  count[0] = 0;
  const next = new Uint16Array(17);
  let left = 1;
  for (let length = 1; length <= 15; length++) {
    left = left * 2 - count[length]!;
    if (left < 0) throw new Broken("its code lengths are over-subscribed");
    next[length + 1] = (next[length]! + count[length]!) << 1;
  }
  const table = new Uint16Array(1 << bits);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    const code = next[length]!++;
    for (let i = reverse(code, length); i < table.length; i += 1 << length) table[i] = (symbol << 4) | length;
  }
  return { table, bits };
}

function reverse(code: number, length: number): number {
  let out = 0;
  for (let i = 0; i < length; i++) out |= ((code >> i) & 1) << (length - 1 - i);
  return out;
}

const fixed = (() => {
  const lengths = new Uint8Array(288).fill(8);
  lengths.fill(9, 144, 256).fill(7, 256, 280);
  return { literals: huffman(lengths), distances: huffman(new Uint8Array(30).fill(5)) };
})();

const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289,
  16385, 24577,
];
const codeOrder = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

class Inflater {
  private readonly source: ByteSource;
  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  private position: number;
  private hold = 0;
  private held = 0;
  readonly out: Growing;

  constructor(source: ByteSource, start: number, out: Growing) {
    this.source = source;
    this.position = start;
    this.out = out;
  }

  get used(): number {
    return this.position - this.chunk.length + this.at - (this.held >> 3);
  }

  private refill(): void {
    this.chunk = this.source.read(this.position, 1 << 16);
    if (this.chunk.length === 0) throw new Broken("it ends in the middle");
    this.position += this.chunk.length;
    this.at = 0;
  }

  private need(bits: number): void {
    while (this.held < bits) {
      if (this.at === this.chunk.length) this.refill();
      this.hold |= this.chunk[this.at++]! << this.held;
      this.held += 8;
    }
  }

  private take(bits: number): number {
    if (bits === 0) return 0;
    this.need(bits);
    const value = this.hold & ((1 << bits) - 1);
    this.hold >>>= bits;
    this.held -= bits;
    return value;
  }

  private symbol({ table, bits }: Huffman): number {
    // Near the end fewer bits may be left than the longest code has: look at what is there first.
    while (this.held < bits && (this.at < this.chunk.length || this.position < this.source.sizeBytes)) {
      if (this.at === this.chunk.length) this.refill();
      this.hold |= this.chunk[this.at++]! << this.held;
      this.held += 8;
    }
    const entry = table[this.hold & ((1 << bits) - 1)]!;
    const length = entry & 15;
    if (length === 0) throw new Broken("a code is none");
    if (length > this.held) throw new Broken("it ends in the middle");
    this.hold >>>= length;
    this.held -= length;
    return entry >> 4;
  }

  run(): void {
    let last = 0;
    while (last === 0) {
      last = this.take(1);
      const type = this.take(2);
      if (type === 0) this.stored();
      else if (type === 1) this.block(fixed.literals, fixed.distances);
      else if (type === 2) this.dynamic();
      else throw new Broken("a block has no type");
    }
  }

  private stored(): void {
    this.take(this.held & 7);
    const length = this.take(16);
    if ((this.take(16) ^ length) !== 0xffff) throw new Broken("a stored block contradicts its length");
    for (let left = length; left > 0;) {
      if (this.held > 0) {
        this.out.byte(this.take(8));
        left--;
        continue;
      }
      if (this.at === this.chunk.length) this.refill();
      const part = this.chunk.subarray(this.at, this.at + left);
      this.out.append(part);
      this.at += part.length;
      left -= part.length;
    }
  }

  private dynamic(): void {
    const literals = this.take(5) + 257;
    const distances = this.take(5) + 1;
    const codes = this.take(4) + 4;
    const lengths = new Uint8Array(19);
    for (let i = 0; i < codes; i++) lengths[codeOrder[i]!] = this.take(3);
    const code = huffman(lengths);
    const all = new Uint8Array(literals + distances);
    for (let i = 0; i < all.length;) {
      const symbol = this.symbol(code);
      if (symbol < 16) {
        all[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new Broken("a length repeats nothing");
      const value = symbol === 16 ? all[i - 1]! : 0;
      const times = symbol === 16 ? 3 + this.take(2) : symbol === 17 ? 3 + this.take(3) : 11 + this.take(7);
      if (i + times > all.length) throw new Broken("its code lengths are too many");
      all.fill(value, i, i + times);
      i += times;
    }
    this.block(huffman(all.subarray(0, literals)), huffman(all.subarray(literals)));
  }

  private block(literals: Huffman, distances: Huffman): void {
    for (;;) {
      const symbol = this.symbol(literals);
      if (symbol < 256) this.out.byte(symbol);
      else if (symbol === 256) return;
      else {
        const i = symbol - 257;
        if (i >= lengthBase.length) throw new Broken("a length is none");
        const length = lengthBase[i]! + this.take(lengthBits[i]!);
        const code = this.symbol(distances);
        if (code >= distanceBase.length) throw new Broken("a distance is none");
        const distance = distanceBase[code]! + this.take(code < 4 ? 0 : (code >> 1) - 1);
        if (distance > this.out.length) throw new Broken("a distance reaches before the beginning");
        this.out.repeat(distance, length);
      }
    }
  }
}

/** A raw stream from `start`. @throws scan/refused */
export function inflateRaw(source: ByteSource, start: number, out: Growing): Omit<Unpacked, "bytes"> {
  const inflater = new Inflater(source, start, out);
  try {
    inflater.run();
    return { used: inflater.used - start, broken: undefined };
  } catch (error) {
    if (error instanceof Broken) return { used: inflater.used - start, broken: error.message };
    throw error;
  }
}

/** Two bytes of header, then a raw stream, then a checksum. */
export function inflateZlib(source: ByteSource, limit: number): Unpacked {
  const out = new Growing(limit);
  out.startSum(adler32);
  const { used, broken } = inflateRaw(source, 2, out);
  const sum = source.read(2 + used, 4).slice();
  return { bytes: out.done(), used: 2 + used + 4, broken: broken ?? wrongSum(sum, big32(out.sum().checksum)) };
}

/** One member after another, as `gzip` and Python read them. */
export function inflateGzip(source: ByteSource, limit: number): Unpacked {
  const out = new Growing(limit);
  const { used, broken } = inflateGzipInto(source, out);
  return { bytes: out.done(), used, broken };
}

/** The same into bytes that the caller keeps or hands on. @throws scan/refused */
export function inflateGzipInto(source: ByteSource, out: Growing): Omit<Unpacked, "bytes"> {
  let at = 0;
  let wrong: string | undefined;
  while (at < source.sizeBytes) {
    const start = gzipHeader(source, at);
    if (start === undefined) return { used: at, broken: at === 0 ? "its header is cut short" : wrong };
    out.startSum(crc32);
    const { used, broken } = inflateRaw(source, start, out);
    at = start + used + 8;
    if (broken !== undefined) return { used: at, broken };
    const { checksum, bytes } = out.sum();
    // A reader that does not check goes on behind it, and so does this one.
    wrong ??= wrongSum(source.read(at - 8, 8).slice(), [...little32(checksum), ...little32(bytes)]);
  }
  return { used: at, broken: wrong };
}

const little32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, (value >>> 24) & 255];
const big32 = (value: number): number[] => little32(value).toReversed();

function wrongSum(given: Uint8Array, wanted: readonly number[]): string | undefined {
  if (given.length < wanted.length) return "its checksum is missing";
  return wanted.every((byte, i) => byte === given[i]) ? undefined : "its checksum does not match";
}

/** Where the stream of a gzip member begins (RFC 1952, 2.3). */
function gzipHeader(source: ByteSource, at: number): number | undefined {
  const head = source.read(at, 70_000);
  if (head[0] !== 0x1f || head[1] !== 0x8b || head[2] !== 8 || head.length < 18) return undefined;
  const flags = head[3]!;
  let next = 10;
  if (flags & 4) next += 2 + head[next]! + head[next + 1]! * 256;
  for (const bit of [8, 16]) {
    if ((flags & bit) === 0) continue;
    const end = head.indexOf(0, next);
    if (end === -1) return undefined;
    next = end + 1;
  }
  return at + next + (flags & 2 ? 2 : 0);
}
