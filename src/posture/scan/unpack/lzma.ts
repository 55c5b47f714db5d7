/** LZMA and LZMA2, after the specification in the public-domain LZMA SDK (`DOC/lzma-specification.txt`) and `xz-file-format` 1.2. */

import { refused } from "../refuse.ts";
import type { Growing } from "./growing.ts";

export class LzmaBroken extends Error {}

const topValue = 2 ** 24;

/** Most bytes of dictionary that the output is kept for: the output itself is the dictionary. */
class RangeDecoder {
  private readonly data: Uint8Array;
  at: number;
  readonly end: number;
  private range = 0xffffffff;
  private code = 0;

  constructor(data: Uint8Array, at: number, end: number) {
    this.data = data;
    this.end = end;
    if (at + 5 > end) throw new LzmaBroken("it ends in the middle");
    for (let i = 1; i < 5; i++) this.code = ((this.code << 8) | data[at + i]!) >>> 0;
    this.at = at + 5;
  }

  private normalise(): void {
    if (this.range >= topValue) return;
    if (this.at >= this.end) throw new LzmaBroken("it ends in the middle");
    this.range = (this.range << 8) >>> 0;
    this.code = ((this.code << 8) | this.data[this.at++]!) >>> 0;
  }

  bit(probs: Uint16Array, index: number): number {
    const prob = probs[index]!;
    const bound = (this.range >>> 11) * prob;
    let bit = 0;
    if (this.code < bound) {
      this.range = bound;
      probs[index] = prob + ((2048 - prob) >> 5);
    } else {
      this.range = (this.range - bound) >>> 0;
      this.code = (this.code - bound) >>> 0;
      probs[index] = prob - (prob >> 5);
      bit = 1;
    }
    this.normalise();
    return bit;
  }

  direct(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++) {
      this.range >>>= 1;
      const bit = this.code >= this.range ? 1 : 0;
      if (bit === 1) this.code = (this.code - this.range) >>> 0;
      value = (value * 2 + bit) >>> 0;
      this.normalise();
    }
    return value;
  }

  tree(probs: Uint16Array, offset: number, bits: number): number {
    let symbol = 1;
    for (let i = 0; i < bits; i++) symbol = (symbol << 1) | this.bit(probs, offset + symbol);
    return symbol - (1 << bits);
  }

  reverseTree(probs: Uint16Array, offset: number, bits: number): number {
    let [symbol, value] = [1, 0];
    for (let i = 0; i < bits; i++) {
      const bit = this.bit(probs, offset + symbol);
      symbol = (symbol << 1) | bit;
      value |= bit << i;
    }
    return value;
  }
}

const fresh = (length: number): Uint16Array => new Uint16Array(length).fill(1024);

class Lengths {
  private readonly choice = fresh(2);
  private readonly low = fresh(16 * 8);
  private readonly mid = fresh(16 * 8);
  private readonly high = fresh(256);

  decode(range: RangeDecoder, state: number): number {
    if (range.bit(this.choice, 0) === 0) return range.tree(this.low, state * 8, 3);
    if (range.bit(this.choice, 1) === 0) return 8 + range.tree(this.mid, state * 8, 3);
    return 16 + range.tree(this.high, 0, 8);
  }
}

/** The state of an LZMA decoder, which LZMA2 keeps across chunks. */
export class Lzma {
  private readonly out: Growing;
  private lc = 3;
  private lp = 0;
  private pb = 2;
  private literal = fresh(0);
  private isMatch = fresh(192);
  private isRep = fresh(12);
  private isRep0 = fresh(12);
  private isRep1 = fresh(12);
  private isRep2 = fresh(12);
  private isRep0Long = fresh(192);
  private slots = fresh(256);
  private positions = fresh(115);
  private align = fresh(16);
  private lengths = new Lengths();
  private repLengths = new Lengths();
  private state = 0;
  private reps: [number, number, number, number] = [0, 0, 0, 0];
  /** Where the dictionary begins in the output. */
  dictionaryStart = 0;

  constructor(out: Growing) {
    this.out = out;
  }

  get hasProperties(): boolean {
    return this.literal.length > 0;
  }

  /** @throws LzmaBroken */
  setProperties(byte: number): void {
    if (byte >= 225) throw new LzmaBroken("its properties are none");
    this.lc = byte % 9;
    this.lp = Math.floor(byte / 9) % 5;
    this.pb = Math.floor(byte / 45);
    this.reset();
  }

  reset(): void {
    this.literal = fresh(0x300 << (this.lc + this.lp));
    for (const probs of [this.isMatch, this.isRep, this.isRep0, this.isRep1, this.isRep2, this.isRep0Long]) probs.fill(1024);
    for (const probs of [this.slots, this.positions, this.align]) probs.fill(1024);
    this.lengths = new Lengths();
    this.repLengths = new Lengths();
    this.state = 0;
    this.reps = [0, 0, 0, 0];
  }

  /** Decodes until `size` bytes came out, or the end mark when `size` is undefined. Returns where the input stands. */
  decode(data: Uint8Array, at: number, { end, size }: { end: number; size: number | undefined }): number {
    const range = new RangeDecoder(data, at, end);
    const stop = size === undefined ? Infinity : this.out.length + size;
    while (this.out.length < stop) if (this.step(range, stop)) break;
    if (size !== undefined && this.out.length !== stop) throw new LzmaBroken("it ends before its length");
    return range.at;
  }

  /** One literal or match; true at the end mark. */
  private step(range: RangeDecoder, stop: number): boolean {
    const { out } = this;
    const position = (out.length - this.dictionaryStart) & ((1 << this.pb) - 1);
    if (range.bit(this.isMatch, this.state * 16 + position) === 0) {
      this.putLiteral(range);
      return false;
    }
    let length: number;
    if (range.bit(this.isRep, this.state) === 0) {
      this.reps = [this.reps[0], this.reps[0], this.reps[1], this.reps[2]];
      length = this.lengths.decode(range, position);
      this.state = this.state < 7 ? 7 : 10;
      const distance = this.distance(range, length);
      if (distance === 0xffffffff) return true;
      this.reps[0] = distance;
    } else {
      const short = this.repeated(range, position);
      if (short) {
        this.copy(1, stop);
        return false;
      }
      length = this.repLengths.decode(range, position);
      this.state = this.state < 7 ? 8 : 11;
    }
    this.copy(length + 2, stop);
    return false;
  }

  private repeated(range: RangeDecoder, position: number): boolean {
    const [r0, r1, r2, r3] = this.reps;
    if (range.bit(this.isRep0, this.state) === 0) {
      if (range.bit(this.isRep0Long, this.state * 16 + position) === 1) return false;
      this.state = this.state < 7 ? 9 : 11;
      return true;
    }
    if (range.bit(this.isRep1, this.state) === 0) this.reps = [r1, r0, r2, r3];
    else if (range.bit(this.isRep2, this.state) === 0) this.reps = [r2, r0, r1, r3];
    else this.reps = [r3, r0, r1, r2];
    return false;
  }

  private copy(length: number, stop: number): void {
    const distance = this.reps[0] + 1;
    if (distance > this.out.length - this.dictionaryStart) throw new LzmaBroken("a distance reaches before the beginning");
    if (this.out.length + length > stop) throw new LzmaBroken("a match reaches past the end");
    this.out.repeat(distance, length);
  }

  private putLiteral(range: RangeDecoder): void {
    const { out, lc, lp } = this;
    const written = out.length - this.dictionaryStart;
    const before = written > 0 ? out.buffer[out.length - 1]! : 0;
    const offset = 0x300 * (((written & ((1 << lp) - 1)) << lc) + (before >> (8 - lc)));
    let symbol = 1;
    if (this.state >= 7) {
      const distance = this.reps[0] + 1;
      if (distance > written) throw new LzmaBroken("a distance reaches before the beginning");
      let match = out.buffer[out.length - distance]!;
      while (symbol < 0x100) {
        const matchBit = (match >> 7) & 1;
        match <<= 1;
        const bit = range.bit(this.literal, offset + ((1 + matchBit) << 8) + symbol);
        symbol = (symbol << 1) | bit;
        if (bit !== matchBit) break;
      }
    }
    while (symbol < 0x100) symbol = (symbol << 1) | range.bit(this.literal, offset + symbol);
    out.byte(symbol & 255);
    this.state = this.state < 4 ? 0 : this.state < 10 ? this.state - 3 : this.state - 6;
  }

  private distance(range: RangeDecoder, length: number): number {
    const slot = range.tree(this.slots, Math.min(length, 3) * 64, 6);
    if (slot < 4) return slot;
    const bits = (slot >> 1) - 1;
    const base = ((2 | (slot & 1)) << bits) >>> 0;
    if (slot < 14) return base + range.reverseTree(this.positions, base - slot, bits);
    return (base + range.direct(bits - 4) * 16 + range.reverseTree(this.align, 0, 4)) >>> 0;
  }
}

/** LZMA2 chunks from `at`. Returns where they end. @throws LzmaBroken, scan/refused */
export function unpackLzma2(data: Uint8Array, at: number, out: Growing): number {
  const lzma = new Lzma(out);
  lzma.dictionaryStart = out.length;
  for (let position = at; position < data.length;) {
    const control = data[position]!;
    if (control === 0) return position + 1;
    if (control < 0x80) {
      if (control > 2) throw new LzmaBroken("a chunk is of no kind");
      if (control === 1) lzma.dictionaryStart = out.length;
      const size = data[position + 1]! * 256 + data[position + 2]! + 1;
      if (position + 3 + size > data.length) throw new LzmaBroken("it ends in the middle");
      out.append(data.subarray(position + 3, position + 3 + size));
      position += 3 + size;
      continue;
    }
    const size = ((control & 31) << 16) + data[position + 1]! * 256 + data[position + 2]! + 1;
    const packed = data[position + 3]! * 256 + data[position + 4]! + 1;
    const reset = (control >> 5) & 3;
    if (reset === 3) lzma.dictionaryStart = out.length;
    if (reset < 2 && !lzma.hasProperties) throw new LzmaBroken("its first chunk has no properties");
    if (reset >= 2) lzma.setProperties(data[position + 5]!);
    else if (reset === 1) lzma.reset();
    const start = position + (reset >= 2 ? 6 : 5);
    if (start + packed > data.length) throw new LzmaBroken("it ends in the middle");
    lzma.decode(data, start, { end: start + packed, size });
    position = start + packed;
  }
  throw new LzmaBroken("it ends in the middle");
}

/** The old `.lzma` form: properties, dictionary size, length, then one stream. @throws LzmaBroken, scan/refused */
export function unpackLzmaAlone(data: Uint8Array, out: Growing): number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 18) throw new LzmaBroken("it ends in the middle");
  const size = view.getBigUint64(5, true);
  const lzma = new Lzma(out);
  lzma.setProperties(data[0]!);
  if (size !== 0xffffffffffffffffn && size > 2n ** 40n) throw refused("it says that it unpacks to more than 2^40 bytes");
  return lzma.decode(data, 13, { end: data.length, size: size === 0xffffffffffffffffn ? undefined : Number(size) });
}
