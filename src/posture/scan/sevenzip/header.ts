/** The header of a 7z archive (`DOC/7zFormat.txt` of the LZMA SDK): packed streams, folders of coders, names. */

import { malformed, refused } from "../refuse.ts";

export interface Coder {
  readonly id: string;
  readonly properties: Uint8Array;
}

export interface Folder {
  readonly coders: readonly Coder[];
  /** Unpacked size of the last coder. */
  readonly sizeBytes: number;
  readonly offset: number;
  readonly packedBytes: number;
  /** Sizes of the files in it, in order. */
  files: readonly number[];
}

export interface SevenZip {
  readonly folders: readonly Folder[];
  readonly names: readonly string[];
  /** For each name: false when it has no data. */
  readonly hasData: readonly boolean[];
}

export class HeaderReader {
  readonly bytes: Uint8Array;
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  byte(): number {
    const value = this.bytes[this.at++];
    if (value === undefined) throw malformed("its header is cut short");
    return value;
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw malformed("its header is cut short");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  /** The format's number: leading ones of the first byte count the bytes that follow. */
  number(): number {
    const first = this.byte();
    let value = 0;
    for (let i = 0; i < 8; i++) {
      const mask = 0x80 >> i;
      if ((first & mask) === 0) return value + (first & (mask - 1)) * 2 ** (8 * i);
      value += this.byte() * 2 ** (8 * i);
    }
    return value;
  }

  /** A count, bounded by what the header could describe at all. */
  count(): number {
    const value = this.number();
    if (value > this.bytes.length * 8) throw refused("its header counts more than it can hold");
    return value;
  }

  bits(count: number): boolean[] {
    const found: boolean[] = [];
    for (let i = 0, byte = 0; i < count; i++) {
      if (i % 8 === 0) byte = this.byte();
      found.push((byte & (0x80 >> (i % 8))) !== 0);
    }
    return found;
  }

  optionalBits(count: number): boolean[] {
    return this.byte() === 0 ? this.bits(count) : Array.from({ length: count }, () => true);
  }
}

/** `StreamsInfo`: after its id. */
export function readStreams(reader: HeaderReader): Folder[] {
  let folders: Folder[] = [];
  let packed: { offset: number; sizes: number[] } = { offset: 0, sizes: [] };
  for (let id = reader.byte(); id !== 0; id = reader.byte()) {
    if (id === 6) packed = readPacked(reader);
    else if (id === 7) folders = readFolders(reader, packed);
    else if (id === 8) readSubstreams(reader, folders);
    else throw malformed("its header has an unknown part");
  }
  return folders;
}

function readPacked(reader: HeaderReader): { offset: number; sizes: number[] } {
  const offset = reader.number();
  const count = reader.count();
  let sizes: number[] = [];
  for (let id = reader.byte(); id !== 0; id = reader.byte()) {
    if (id === 9) sizes = Array.from({ length: count }, () => reader.number());
    else if (id === 10) skipDigests(reader, count);
    else throw malformed("its header has an unknown part");
  }
  return { offset, sizes };
}

function skipDigests(reader: HeaderReader, count: number): void {
  reader.take(4 * reader.optionalBits(count).filter(Boolean).length);
}

function readFolders(reader: HeaderReader, packed: { offset: number; sizes: number[] }): Folder[] {
  if (reader.byte() !== 11) throw malformed("its folders are missing");
  const count = reader.count();
  if (reader.byte() !== 0) throw malformed("its folders lie elsewhere");
  const raw = Array.from({ length: count }, () => readFolder(reader));
  if (reader.byte() !== 12) throw malformed("its sizes are missing");
  const sizes = raw.map(({ outputs }) => Array.from({ length: outputs }, () => reader.number()));
  for (let id = reader.byte(); id !== 0; id = reader.byte()) {
    if (id !== 10) throw malformed("its header has an unknown part");
    skipDigests(reader, count);
  }
  let [offset, stream] = [32 + packed.offset, 0];
  return raw.map(({ coders, inputs }, i) => {
    const packedBytes = packed.sizes[stream] ?? 0;
    const folder = { coders, sizeBytes: sizes[i]!.at(-1) ?? 0, offset, packedBytes, files: [sizes[i]!.at(-1) ?? 0] };
    for (let n = 0; n < inputs; n++) offset += packed.sizes[stream++] ?? 0;
    return folder;
  });
}

function readFolder(reader: HeaderReader): { coders: Coder[]; outputs: number; inputs: number } {
  const count = reader.count();
  const coders: Coder[] = [];
  let [inputs, outputs] = [0, 0];
  for (let i = 0; i < count; i++) {
    const flags = reader.byte();
    const id = [...reader.take(flags & 15)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    const [ins, outs] = flags & 16 ? [reader.count(), reader.count()] : [1, 1];
    inputs += ins;
    outputs += outs;
    coders.push({ id, properties: flags & 32 ? reader.take(reader.count()) : new Uint8Array(0) });
  }
  for (let i = 0; i < (outputs - 1) * 2; i++) reader.number();
  const streams = inputs - (outputs - 1);
  if (streams > 1) for (let i = 0; i < streams; i++) reader.number();
  return { coders, outputs, inputs: Math.max(1, streams) };
}

function readSubstreams(reader: HeaderReader, folders: Folder[]): void {
  let counts = folders.map(() => 1);
  let id = reader.byte();
  if (id === 13) {
    counts = folders.map(() => reader.count());
    id = reader.byte();
  }
  folders.forEach((folder, i) => {
    const sizes: number[] = [];
    let left = folder.sizeBytes;
    const given = id === 9 ? counts[i]! - 1 : 0;
    for (let n = 0; n < given; n++) {
      sizes.push(reader.number());
      left -= sizes.at(-1)!;
    }
    folder.files = counts[i] === 0 ? [] : [...sizes, left];
  });
  if (id === 9) id = reader.byte();
  for (; id !== 0; id = reader.byte()) {
    if (id !== 10) throw malformed("its header has an unknown part");
    skipDigests(
      reader,
      counts.reduce((sum, count) => sum + count, 0),
    ); // those of single files may be given before
  }
}

/** `Header` after its id. */
export function readArchive(reader: HeaderReader): SevenZip {
  let folders: Folder[] = [];
  let files: Pick<SevenZip, "names" | "hasData"> = { names: [], hasData: [] };
  for (let id = reader.byte(); id !== 0; id = reader.byte()) {
    if (id === 4) folders = readStreams(reader);
    else if (id === 5) files = readFiles(reader);
    else if (id === 3) readStreams(reader);
    else throw malformed("its header has an unknown part");
  }
  return { folders, ...files };
}

function readFiles(reader: HeaderReader): Pick<SevenZip, "names" | "hasData"> {
  const count = reader.count();
  let names: string[] = [];
  let hasData = Array.from({ length: count }, () => true);
  for (let id = reader.byte(); id !== 0; id = reader.byte()) {
    const length = reader.number();
    const part = new HeaderReader(reader.take(length));
    if (id === 17 && part.byte() === 0) {
      names = new TextDecoder("utf-16le").decode(part.bytes.subarray(1)).split("\0").slice(0, count);
    } else if (id === 14) hasData = part.bits(count).map((empty) => !empty);
  }
  return { names, hasData };
}
