/**
 * Reads the protobuf wire format (protobuf.dev/programming-guides/encoding) out of untrusted bytes, without copying them.
 *
 * Stricter than protobuf's own parsers on purpose: those merge a message field that appears twice, take the last of a repeated
 * scalar, and skip a field of the wrong wire type. Whoever checks such a file with one parser and runs it with another checks
 * another model than the one that runs. Here each of these is an error.
 */
import { ModelkeepError } from "../../../base/error/index.ts";
import type { ReadState } from "./read-state.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** A cursor over one message's fields. */
export class WireReader {
  /** Number of the field under the cursor. */
  field = 0;
  private wire = 0;
  private low = 0;
  private high = 0;
  private seen = 0;
  private readonly bytes: Uint8Array;
  private position: number;
  private readonly end: number;
  private readonly depth: number;
  readonly state: ReadState;
  /** The message's name in onnx.proto, for errors. */
  readonly name: string;

  constructor(bytes: Uint8Array, name: string, state: ReadState, range?: { position: number; end: number; depth: number }) {
    this.bytes = bytes;
    this.name = name;
    this.state = state;
    this.position = range?.position ?? 0;
    this.end = range?.end ?? bytes.length;
    this.depth = range?.depth ?? 0;
    state.atMost("maxDepth", this.depth);
    state.atMost("maxMessages", ++state.messages);
  }

  /**
   * Steps to the next field, false at the end. `singular` is the bit set of field numbers (below 32) that may appear only once.
   * @throws onnx/malformed
   */
  next(singular: number): boolean {
    if (this.position >= this.end) return false;
    this.varint();
    if (this.high !== 0 || this.low < 8) throw this.malformed("field number 0 or too large");
    this.field = this.low >>> 3;
    this.wire = this.low & 7;
    if (this.field < 32) {
      const bit = 1 << this.field;
      if ((singular & bit & this.seen) !== 0) throw this.malformed(`field ${this.field} appears twice`);
      this.seen |= bit;
    }
    return true;
  }

  /** True when one of these fields was met already: for the members of a `oneof`. */
  met(...fields: readonly number[]): boolean {
    return fields.some((field) => (this.seen & (1 << field)) !== 0);
  }

  malformed(what: string): ModelkeepError {
    return new ModelkeepError("onnx/malformed", {
      message: `${this.name} at byte ${this.position}: ${what}`,
      hint: "the file is damaged, cut short, or not an ONNX model; export or download it again",
      status: 400,
    });
  }

  /** int64 as a number where it is exact, else as a bigint. */
  int64(): number | bigint {
    this.expect(VARINT);
    this.varint();
    return this.asInt64();
  }

  /** int64 that must fit a double. */
  safeInt(): number {
    const value = this.int64();
    if (typeof value === "bigint") throw this.malformed(`field ${this.field} is beyond ±2^53`);
    return value;
  }

  /** int32 and enumerations; protobuf keeps the low 32 bits. */
  int32(): number {
    this.expect(VARINT);
    this.varint();
    return this.low | 0;
  }

  float(): number {
    this.expect(FIXED32);
    return this.view(4).getFloat32(0, true);
  }

  /** A view of the field's bytes. */
  raw(): Uint8Array {
    const start = this.block();
    return this.bytes.subarray(start, this.position);
  }

  /** @throws onnx/malformed when the bytes are not UTF-8 */
  text(): string {
    const start = this.block();
    const length = this.position - start;
    this.state.atMost("maxTextBytes", length);
    return this.decode(start, length);
  }

  message(name: string): WireReader {
    const position = this.block();
    return new WireReader(this.bytes, name, this.state, { position, end: this.position, depth: this.depth + 1 });
  }

  /** One or, packed, many int64 values appended to a list. */
  int64s(into: (number | bigint)[]): void {
    this.list(() => into.push(this.asInt64()), VARINT);
  }

  floats(into: number[]): void {
    this.list(() => into.push(this.view(4).getFloat32(0, true)), FIXED32);
  }

  /** The encoded bytes of one or, packed, many varints, for {@link eachVarint}. */
  varints(): Uint8Array {
    if (this.wire === BYTES) return this.raw();
    this.expect(VARINT);
    const start = this.position;
    this.varint();
    return this.bytes.subarray(start, this.position);
  }

  /** Calls `take` with the low and high 32 bits of each varint in a message that is nothing but varints. */
  eachVarint(take: (low: number, high: number) => void): void {
    while (this.position < this.end) {
      this.varint();
      take(this.low, this.high);
    }
  }

  /** Little-endian bytes of one or many fixed-width numbers; a view when they are packed. */
  fixed(width: 4 | 8): Uint8Array {
    if (this.wire === BYTES) {
      const block = this.raw();
      if (block.length % width !== 0) throw this.malformed(`packed field ${this.field} has ${block.length} bytes`);
      this.count(block.length / width);
      return block;
    }
    this.expect(width === 4 ? FIXED32 : FIXED64);
    this.count(1);
    const start = this.advance(width);
    return this.bytes.subarray(start, this.position);
  }

  /** Counts items against `maxListItems`. */
  count(items: number): void {
    this.state.atMost("maxListItems", (this.state.listItems += items));
  }

  /** Steps over a field that we do not take, and remembers that it was there. */
  drop(): void {
    this.state.dropped.add(`${this.name}.${this.field}`);
    if (this.wire === VARINT) this.varint();
    else if (this.wire === FIXED64) this.advance(8);
    else if (this.wire === FIXED32) this.advance(4);
    else this.block();
  }

  private list(take: () => void, wire: number): void {
    if (this.wire !== BYTES) {
      this.expect(wire);
      if (wire === VARINT) this.varint();
      this.count(1);
      return take();
    }
    const start = this.block();
    const end = this.position;
    this.position = start;
    while (this.position < end) {
      if (wire === VARINT) this.varint();
      this.count(1);
      take();
    }
    if (this.position !== end) throw this.malformed(`packed field ${this.field} runs over its end`);
  }

  private expect(wire: number): void {
    if (this.wire !== wire) throw this.malformed(`field ${this.field} has wire type ${this.wire}`);
  }

  private block(): number {
    this.expect(BYTES);
    this.varint();
    if (this.high !== 0) throw this.malformed(`field ${this.field} runs over the end`);
    return this.advance(this.low);
  }

  private advance(length: number): number {
    const start = this.position;
    if (length > this.end - start) throw this.malformed(`field ${this.field} runs over the end`);
    this.position = start + length;
    return start;
  }

  private view(length: number): DataView {
    const start = this.advance(length);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + start, length);
  }

  private asInt64(): number | bigint {
    const value = (this.high | 0) * 2 ** 32 + this.low;
    if (Number.isSafeInteger(value)) return value;
    return BigInt.asIntN(64, (BigInt(this.high) << 32n) | BigInt(this.low));
  }

  /** Leaves the 64 bits in `low` and `high`, both unsigned. */
  private varint(): void {
    const { bytes, end } = this;
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.position >= end) throw this.malformed("a number is cut short");
      const byte = bytes[this.position++]!;
      const bits = byte & 127;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else if (bits > 1) break;
      else high |= bits << 31;
      if (byte < 128) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        return;
      }
    }
    throw this.malformed("a number has more than 64 bits");
  }

  private decode(start: number, length: number): string {
    // Names are short ASCII nearly always; the decoder's call costs more than the loop.
    if (length <= 48) {
      let text = "";
      let i = start;
      for (; i < start + length; i++) {
        const byte = this.bytes[i]!;
        if (byte >= 128) break;
        text += String.fromCharCode(byte);
      }
      if (i === start + length) return text;
    }
    try {
      return decoder.decode(this.bytes.subarray(start, start + length));
    } catch {
      throw this.malformed(`field ${this.field} is not UTF-8 text`);
    }
  }
}

/** The bit set that {@link WireReader.next} takes. */
export const once = (...fields: readonly number[]): number => fields.reduce((set, field) => set | (1 << field), 0);
