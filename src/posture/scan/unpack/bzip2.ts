/** bzip2, after the description of the format by Joe Tsai (2016) and the reference decoder's behaviour: several streams in a row. */

import type { ByteSource } from "../bytes/source.ts";
import { bzip2Crc } from "./checksum.ts";
import type { Growing } from "./growing.ts";

class Broken extends Error {}

class Bits {
  private readonly source: ByteSource;
  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  private position = 0;
  private hold = 0;
  private held = 0;

  constructor(source: ByteSource) {
    this.source = source;
  }

  /** At most 24 bits, the highest first. */
  take(bits: number): number {
    while (this.held < bits) {
      if (this.at === this.chunk.length) {
        this.chunk = this.source.read(this.position, 1 << 16);
        if (this.chunk.length === 0) throw new Broken("it ends in the middle");
        this.position += this.chunk.length;
        this.at = 0;
      }
      this.hold = ((this.hold << 8) | this.chunk[this.at++]!) & 0xffffffff;
      this.held += 8;
    }
    this.held -= bits;
    return (this.hold >>> this.held) & ((1 << bits) - 1);
  }

  align(): void {
    this.held -= this.held % 8;
  }

  get used(): number {
    return this.position - this.chunk.length + this.at - (this.held >> 3);
  }
}

/** @throws scan/refused */
export function unpackBzip2(source: ByteSource, out: Growing): { used: number; broken: string | undefined } {
  const bits = new Bits(source);
  let used = 0;
  try {
    do {
      stream(bits, out);
      bits.align();
      used = bits.used;
    } while (isStream(source, used));
    return { used, broken: undefined };
  } catch (error) {
    if (error instanceof Broken) return { used: bits.used, broken: error.message };
    throw error;
  }
}

function isStream(source: ByteSource, at: number): boolean {
  const [b, z, h] = source.read(at, 3);
  return b === 0x42 && z === 0x5a && h === 0x68;
}

function stream(bits: Bits, out: Growing): void {
  if (bits.take(24) !== 0x425a68) throw new Broken("it has no magic number");
  const level = bits.take(8) - 48;
  if (level < 1 || level > 9) throw new Broken("its level is none");
  const work = new Uint32Array(level * 100_000);
  let all = 0;
  for (;;) {
    const [high, low] = [bits.take(24), bits.take(24)];
    const crc = bits.take(16) * 65_536 + bits.take(16);
    if (high === 0x177245 && low === 0x385090) {
      if (crc !== all) throw new Broken("the checksum of its blocks does not match");
      return;
    }
    if (high !== 0x314159 || low !== 0x265359) throw new Broken("a block has no magic number");
    out.startSum(bzip2Crc);
    block(bits, out, work);
    if (out.sum().checksum !== crc) throw new Broken("the checksum of a block does not match");
    all = (((all << 1) | (all >>> 31)) ^ crc) >>> 0;
  }
}

function block(bits: Bits, out: Growing, work: Uint32Array): void {
  if (bits.take(1) === 1) throw new Broken("a block is randomised, as no bzip2 of this century writes it");
  const origin = bits.take(24);
  const symbols = usedSymbols(bits);
  const trees = readTrees(bits, symbols.length + 2);
  const counts = new Uint32Array(256);
  const length = moveToFront(bits, { trees, symbols, counts, work });
  if (origin >= length) throw new Broken("a block begins outside itself");
  let sum = 0;
  for (let i = 0; i < 256; i++) {
    const count = counts[i]!;
    counts[i] = sum;
    sum += count;
  }
  for (let i = 0; i < length; i++) work[counts[work[i]! & 255]!++]! |= i << 8;
  writeRuns(out, work, { at: work[origin]! >>> 8, length });
}

function usedSymbols(bits: Bits): number[] {
  const rows = bits.take(16);
  const found: number[] = [];
  for (let row = 0; row < 16; row++) {
    if ((rows & (0x8000 >> row)) === 0) continue;
    const columns = bits.take(16);
    for (let column = 0; column < 16; column++) if (columns & (0x8000 >> column)) found.push(row * 16 + column);
  }
  if (found.length === 0) throw new Broken("a block uses no symbol");
  return found;
}

interface Tree {
  /** For each length: the first code, and where its symbols begin. */
  readonly limit: Int32Array;
  readonly base: Int32Array;
  readonly order: Uint16Array;
}

interface Trees {
  readonly tables: readonly Tree[];
  readonly selectors: Uint8Array;
}

function readTrees(bits: Bits, size: number): Trees {
  const count = bits.take(3);
  const groups = bits.take(15);
  if (count < 2 || count > 6 || groups === 0) throw new Broken("a block has no trees");
  const recent = Array.from({ length: count }, (_, i) => i);
  const selectors = new Uint8Array(groups);
  for (let i = 0; i < groups; i++) {
    let at = 0;
    while (bits.take(1) === 1) if (++at >= count) throw new Broken("a selector is none");
    recent.unshift(...recent.splice(at, 1));
    selectors[i] = recent[0]!;
  }
  const tables = Array.from({ length: count }, () => readTree(bits, size));
  return { tables, selectors };
}

function readTree(bits: Bits, size: number): Tree {
  const lengths = new Uint8Array(size);
  let length = bits.take(5);
  for (let i = 0; i < size; i++) {
    for (;;) {
      if (length < 1 || length > 20) throw new Broken("a code length is none");
      if (bits.take(1) === 0) break;
      length += bits.take(1) === 0 ? 1 : -1;
    }
    lengths[i] = length;
  }
  const limit = new Int32Array(22).fill(-1);
  const base = new Int32Array(22);
  const order = new Uint16Array(size);
  let [code, at] = [0, 0];
  for (let bit = 1; bit <= 20; bit++) {
    base[bit] = at - code;
    for (let i = 0; i < size; i++) {
      if (lengths[i] !== bit) continue;
      order[at++] = i;
      code++;
    }
    limit[bit] = code - 1;
    code <<= 1;
  }
  return { limit, base, order };
}

function symbolOf(bits: Bits, { limit, base, order }: Tree): number {
  let code = 0;
  for (let bit = 1; bit <= 20; bit++) {
    code = (code << 1) | bits.take(1);
    if (code <= limit[bit]!) {
      const at = base[bit]! + code;
      if (at >= 0 && at < order.length) return order[at]!;
    }
  }
  throw new Broken("a code is none");
}

interface Front {
  readonly trees: Trees;
  readonly symbols: number[];
  readonly counts: Uint32Array;
  readonly work: Uint32Array;
}

function moveToFront(bits: Bits, { trees: { tables, selectors }, symbols, counts, work }: Front): number {
  const end = symbols.length + 1;
  const recent = [...symbols];
  let [length, run, weight, group, left] = [0, 0, 1, -1, 0];
  for (;;) {
    if (left-- === 0) {
      if (++group >= selectors.length) throw new Broken("a block has too few selectors");
      left = 49;
    }
    const symbol = symbolOf(bits, tables[selectors[group]!]!);
    if (symbol < 2) {
      run += weight << symbol;
      weight <<= 1;
      if (run > work.length) throw new Broken("a run is longer than the block");
      continue;
    }
    if (run > 0) {
      if (length + run > work.length) throw new Broken("a block is longer than it may be");
      counts[recent[0]!]! += run;
      work.fill(recent[0]!, length, length + run);
      length += run;
      [run, weight] = [0, 1];
    }
    if (symbol === end) return length;
    if (length >= work.length) throw new Broken("a block is longer than it may be");
    const value = recent[symbol - 1]!;
    recent.copyWithin(1, 0, symbol - 1);
    recent[0] = value;
    counts[value]!++;
    work[length++] = value;
  }
}

/** The block's bytes in order; after four equal ones a count of more follows. */
function writeRuns(out: Growing, work: Uint32Array, { at: start, length }: { at: number; length: number }): void {
  let at = start;
  let [last, same] = [-1, 0];
  for (let i = 0; i < length; i++) {
    const entry = work[at]!;
    const byte = entry & 255;
    at = entry >>> 8;
    if (same === 4) {
      for (let n = 0; n < byte; n++) out.byte(last);
      [same, last] = [0, -1];
      continue;
    }
    same = byte === last ? same + 1 : 1;
    last = byte;
    out.byte(byte);
  }
}
