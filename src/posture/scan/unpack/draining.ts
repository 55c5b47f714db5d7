import { refused } from "../refuse.ts";
import { Growing } from "./growing.ts";

/** What a decoder may still repeat: the window of DEFLATE (RFC 1951, 2). */
const windowBytes = 1 << 15;

/** Bytes that come out of a decoder and go on to a sink a mebibyte at a time: memory does not grow with the stream. */
export class Draining extends Growing {
  private drained = 0;
  private fresh = 0;
  private readonly most: number;
  private readonly sink: (bytes: Uint8Array) => void;

  constructor(most: number, sink: (bytes: Uint8Array) => void) {
    super(Infinity);
    this.buffer = new Uint8Array(1 << 20);
    this.most = most;
    this.sink = sink;
  }

  get total(): number {
    return this.drained + this.length - this.fresh;
  }

  override reserve(more: number): void {
    if (this.total + more > this.most) throw refused(`it unpacks to more than ${this.most} bytes`);
    if (this.length + more <= this.buffer.length) return;
    this.drain();
    this.sum();
    const kept = this.buffer.slice(Math.max(0, this.length - windowBytes), this.length);
    this.buffer.set(kept);
    this.length = kept.length;
    this.fresh = kept.length;
    this.summed = kept.length;
  }

  /** Hands over what is left. */
  drain(): void {
    this.sink(this.buffer.slice(this.fresh, this.length));
    this.drained += this.length - this.fresh;
    this.fresh = this.length;
  }
}
