/** Writes the protobuf wire format. Large blocks are kept by reference until the one final copy, so weights are not copied twice. */

const encoder = new TextEncoder();

/** Collects fields; {@link finish} joins them. */
export class WireWriter {
  private readonly parts: Uint8Array[] = [];
  private flushed = 0;
  private scratch = new Uint8Array(4096);
  private used = 0;

  /** Bytes written so far. */
  get size(): number {
    return this.flushed + this.used;
  }

  int64(field: number, value: number | bigint): void {
    this.tag(field, 0);
    this.varint(value);
  }

  float(field: number, value: number): void {
    this.tag(field, 5);
    this.reserve(4);
    new DataView(this.scratch.buffer, this.used).setFloat32(0, value, true);
    this.used += 4;
  }

  text(field: number, value: string): void {
    this.raw(field, encoder.encode(value));
  }

  raw(field: number, bytes: Uint8Array): void {
    this.tag(field, 2);
    this.varint(bytes.length);
    this.append(bytes);
  }

  /** A nested message; its length is put in front when its content is known. */
  message(field: number, write: () => void): void {
    this.tag(field, 2);
    this.flush();
    const place = this.parts.push(empty) - 1;
    const before = this.flushed;
    write();
    this.flush();
    const length = varintBytes(this.flushed - before);
    this.parts[place] = length;
    this.flushed += length.length;
  }

  /** Varints in one packed field. */
  packedVarints(field: number, values: Iterable<number | bigint>): void {
    this.message(field, () => {
      for (const value of values) this.varint(value);
    });
  }

  finish(): Uint8Array {
    this.flush();
    const bytes = new Uint8Array(this.flushed);
    let at = 0;
    for (const part of this.parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  private tag(field: number, wire: number): void {
    this.varint(field * 8 + wire);
  }

  private append(bytes: Uint8Array): void {
    if (bytes.length > 512) {
      this.flush();
      this.parts.push(bytes);
      this.flushed += bytes.length;
      return;
    }
    this.reserve(bytes.length);
    this.scratch.set(bytes, this.used);
    this.used += bytes.length;
  }

  private varint(value: number | bigint): void {
    this.reserve(10);
    this.used = putVarint(this.scratch, this.used, value);
  }

  private reserve(length: number): void {
    if (this.used + length > this.scratch.length) this.flush();
  }

  private flush(): void {
    if (this.used === 0) return;
    this.parts.push(this.scratch.slice(0, this.used));
    this.flushed += this.used;
    this.used = 0;
  }
}

const empty = new Uint8Array(0);

function varintBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(10);
  return bytes.slice(0, putVarint(bytes, 0, value));
}

function putVarint(into: Uint8Array, at: number, value: number | bigint): number {
  if (typeof value === "number" && value >= 0) {
    let rest = value;
    while (rest > 127) {
      into[at++] = (rest % 128) | 128;
      rest = Math.floor(rest / 128);
    }
    into[at++] = rest;
    return at;
  }
  // Negative numbers are their 64-bit two's complement: always ten bytes.
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    into[at++] = Number(rest & 127n) | 128;
    rest >>= 7n;
  }
  into[at++] = Number(rest);
  return at;
}
