/** The bytes of a pickle, forward only, with the framing rules of either unpickler (PEP 3154; CPython `Lib/pickle.py` class `_Unframer`, `Modules/_pickle.c`). */

import type { ByteSource } from "../bytes/source.ts";
import { malformed, refused } from "../refuse.ts";
import { Halt } from "./halt.ts";

/**
 * Whose rules decide where the two unpicklers of CPython differ: `c` is `_pickle.c`, `python` is `pickle.py` (joblib, dill and
 * `pickle._Unpickler` use it), `either` goes on wherever one of them would.
 */
export type Dialect = "c" | "python" | "either";

const windowBytes = 1 << 20;
const maxLineBytes = 1 << 24;

export class Input {
  readonly source: ByteSource;
  readonly dialect: Dialect;
  private window: Uint8Array = new Uint8Array(0);
  private start = 0;
  private view: DataView = new DataView(new ArrayBuffer(0));
  position: number;
  /** End of the frame at hand, for `python`. */
  private frameEnd: number | undefined;
  /** End of the last frame, whoever's rules decide: what `pickle.py` has read from the file by now. */
  frameReach = 0;

  constructor(source: ByteSource, position: number, dialect: Dialect) {
    this.source = source;
    this.position = position;
    this.dialect = dialect;
  }

  /** The same bytes from another place, without reading again what is at hand. */
  from(position: number): Input {
    const next = new Input(this.source, position, this.dialect);
    [next.window, next.start, next.view] = [this.window, this.start, this.view];
    return next;
  }

  /** Makes `length` bytes at the position readable from the window, and returns where they are in it. */
  private need(length: number): number {
    const at = this.position - this.start;
    if (at >= 0 && at + length <= this.window.length) return at;
    if (this.position + length > this.source.sizeBytes) throw new Halt("the data ends in the middle of a value");
    this.start = this.position;
    this.window = this.source.read(this.position, Math.max(length, windowBytes));
    this.view = new DataView(this.window.buffer, this.window.byteOffset, this.window.byteLength);
    if (this.window.length < length) throw new Halt("the data ends in the middle of a value");
    return 0;
  }

  private advance(length: number): number {
    if (this.frameEnd !== undefined) this.stayInFrame(length);
    this.crossFrame(length);
    const at = this.need(length);
    this.position += length;
    return at;
  }

  private stayInFrame(length: number): void {
    if (length === 0) return;
    if (this.position >= this.frameEnd!) this.frameEnd = undefined;
    else if (this.position + length > this.frameEnd!) throw new Halt("pickle exhausted before end of frame");
  }

  /**
   * A value that begins in a frame and ends behind it: `_pickle.c` drops what it holds of it and reads the whole from the file, unless it
   * could look ahead; `pickle.py` stops. No pickler writes one.
   */
  private crossFrame(length: number): void {
    if (this.position >= this.frameReach || this.position + length <= this.frameReach) return;
    if (this.dialect === "either") throw malformed("a value goes on behind the end of its frame", `byte ${this.position}`);
    if (this.dialect === "c") this.position = this.frameReach;
  }

  /** The next byte, or -1 at the end. */
  opcode(): number {
    if (this.frameEnd !== undefined) this.stayInFrame(1);
    const at = this.position - this.start;
    if (at >= 0 && at < this.window.length) {
      this.position++;
      return this.window[at]!;
    }
    if (this.position >= this.source.sizeBytes) return -1;
    const found = this.need(1);
    this.position++;
    return this.window[found]!;
  }

  u8(): number {
    return this.window[this.advance(1)]!;
  }

  u16(): number {
    const at = this.advance(2);
    return this.view.getUint16(at, true);
  }

  i32(): number {
    const at = this.advance(4);
    return this.view.getInt32(at, true);
  }

  u32(): number {
    const at = this.advance(4);
    return this.view.getUint32(at, true);
  }

  f64(): number {
    const at = this.advance(8);
    return this.view.getFloat64(at, false);
  }

  /** A 64-bit length. */
  u64(): number {
    const at = this.advance(8);
    const value = this.view.getBigUint64(at, true);
    if (value > 0x7fffffffffffffffn) throw new Halt("a length is over 2^63");
    return Number(value);
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    const at = this.advance(length);
    return this.window.subarray(at, at + length);
  }

  /** Passes over a value that would be read as a whole, and returns where it lies. */
  pass(length: number): number {
    this.crossFrame(length);
    return this.skip(length);
  }

  /** Passes over bytes without reading them, and returns where they lie. */
  skip(length: number): number {
    if (this.frameEnd !== undefined) this.stayInFrame(length);
    const at = this.position;
    if (at + length > this.source.sizeBytes) throw new Halt("the data ends in the middle of a value");
    this.position += length;
    return at;
  }

  /** Where the file stands after STOP: a frame has been read as a whole. */
  get consumed(): number {
    return Math.max(this.position, Math.min(this.frameReach, this.source.sizeBytes));
  }

  /** A line without its end. `pickle.py` cuts the last character off whatever it is; `_pickle.c` wants a line end. */
  line(least: number): Uint8Array {
    if (this.frameEnd !== undefined && this.position >= this.frameEnd) this.frameEnd = undefined;
    const end = this.frameEnd ?? this.source.sizeBytes;
    for (let length = 256; ; length *= 4) {
      const got = this.source.read(this.position, Math.min(length, end - this.position));
      const at = got.indexOf(10);
      if (at !== -1) {
        const begin = this.position;
        this.crossFrame(at + 1);
        const cut = this.position - begin;
        this.position = begin + at + 1;
        if (at + 1 - cut < least && this.dialect === "c") throw new Halt("a line is empty");
        return got.subarray(cut, at);
      }
      if (got.length < length) return this.lastLine(got);
      if (length > maxLineBytes) throw refused(`a line has more than ${maxLineBytes} bytes`);
    }
  }

  private lastLine(got: Uint8Array): Uint8Array {
    if (this.dialect === "c" || this.frameEnd !== undefined) throw new Halt("the data ends in the middle of a line");
    this.position += got.length;
    return got.subarray(0, Math.max(0, got.length - 1));
  }

  frame(): void {
    const length = this.u64();
    this.crossFrame(length);
    this.frameReach = Math.max(this.frameReach, this.position + length);
    if (this.dialect === "either") return;
    const isWhole = this.position + length <= this.source.sizeBytes;
    if (this.dialect === "c") {
      if (!isWhole) throw new Halt("a frame is longer than the data");
      return;
    }
    if (this.frameEnd !== undefined && this.position < this.frameEnd) throw new Halt("a frame begins inside a frame");
    this.frameEnd = Math.min(this.position + length, this.source.sizeBytes);
  }
}
