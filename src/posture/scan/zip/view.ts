/** Little-endian numbers of a piece of an archive; zero where it is cut short. */
export class View {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  u16(at: number): number {
    return at + 2 > this.bytes.length ? 0 : this.view.getUint16(at, true);
  }
  u32(at: number): number {
    return at + 4 > this.bytes.length ? 0 : this.view.getUint32(at, true);
  }
  u64(at: number): number {
    return at + 8 > this.bytes.length ? 0 : Number(this.view.getBigUint64(at, true));
  }
}

const latin = new TextDecoder("latin1");
const utf8 = new TextDecoder("utf-8");

/** A name by the flag that says how it is written. */
export function nameOf(bytes: Uint8Array, flags: number): string {
  return (flags & 0x800 ? utf8 : latin).decode(bytes);
}
