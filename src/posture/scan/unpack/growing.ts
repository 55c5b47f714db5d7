import { refused } from "../refuse.ts";

/** A checksum that goes on from an earlier one. */
export type Checksum = (bytes: Uint8Array, before?: number) => number;

/** Bytes that come out of a decoder, in one piece, never more than allowed. */
export class Growing {
  buffer: Uint8Array = new Uint8Array(1 << 16);
  length = 0;
  private readonly limit: number;
  private adding: Checksum = () => 0;
  private sumSoFar = 0;
  private sumBytes = 0;
  /** How far the checksum has come in {@link buffer}. */
  protected summed = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Makes room for `more` bytes. @throws scan/refused */
  reserve(more: number): void {
    const wanted = this.length + more;
    if (wanted > this.limit) throw refused(`it unpacks to more than ${this.limit} bytes`);
    if (wanted <= this.buffer.length) return;
    const larger = new Uint8Array(Math.min(Math.max(wanted, this.buffer.length * 2), Math.max(this.limit, wanted)));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  byte(value: number): void {
    if (this.length === this.buffer.length) this.reserve(1);
    else if (this.length >= this.limit) this.reserve(1);
    this.buffer[this.length++] = value;
  }

  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Repeats what was written `distance` bytes ago. */
  repeat(distance: number, length: number): void {
    this.reserve(length);
    const { buffer } = this;
    let to = this.length;
    if (distance >= length) buffer.copyWithin(to, to - distance, to - distance + length);
    else for (let i = 0; i < length; i++, to++) buffer[to] = buffer[to - distance]!;
    this.length += length;
  }

  /** What is written from here on is summed up, from the sum of nothing. */
  startSum(checksum: Checksum): void {
    this.adding = checksum;
    this.sumSoFar = checksum(new Uint8Array(0));
    this.sumBytes = 0;
    this.summed = this.length;
  }

  /** The checksum of what was written since {@link startSum}, and how many bytes that were. */
  sum(): { checksum: number; bytes: number } {
    const fresh = this.buffer.subarray(this.summed, this.length);
    this.sumSoFar = this.adding(fresh, this.sumSoFar);
    this.sumBytes += fresh.length;
    this.summed = this.length;
    return { checksum: this.sumSoFar, bytes: this.sumBytes };
  }

  done(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** What a decoder gave: everything up to where the data ends or breaks. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  /** Bytes of the input that were used. */
  readonly used: number;
  /** Why it broke off; undefined when it came to its end. */
  readonly broken: string | undefined;
}
