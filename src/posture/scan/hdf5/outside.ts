import type { ByteSource } from "../bytes/source.ts";
import { latin1 } from "../engine/probe.ts";
import { refused } from "../refuse.ts";

/** What an HDF5 file takes from another file when it is read. */
export interface HdfOutside {
  readonly how: "an external link" | "external storage" | "a virtual dataset";
  /** The other file's name, where it stands in the message. */
  readonly file: string | undefined;
}

const step = 1 << 24;
/** A message that a window cuts in two: the longest name, and room for what is around it. */
const overlap = 1 << 16;
const maxFound = 1_000;
const maxAddresses = 100_000;

// Link messages (IV.A.2.g) of type 64, External Data Files messages (IV.A.2.h) and data layout messages of class 3 (IV.A.2.i).
// oxlint-disable-next-line no-control-regex
const candidates = /\x01[\x08-\x0f\x18-\x1f]\x40|\x01\0\0\0(?![^]{2}\0\0)|\x04\x03/g;

/**
 * Messages that lead out of an HDF5 file (File Format Specification 3.0), wherever they lie: in object headers of both versions and in the
 * heaps of large groups. Every byte is looked at, so none hides from a walk along addresses; what a message says of itself, and the heap
 * that it must point to, tell it from data that looks alike.
 * @throws scan/refused when more places look like one than any honest file has
 */
export function outsideOf(source: ByteSource, base: number): HdfOutside[] {
  const [version = 0] = source.read(base + 8, 1);
  const [given = 8] = source.read(base + (version < 2 ? 13 : 9), 1);
  const width = [2, 4, 8, 16, 32].includes(given) ? given : 8;
  const heaps = new Heaps(source, base, width);
  const found: HdfOutside[] = [];
  for (let from = 0; from < source.sizeBytes && found.length < maxFound; from += step) {
    const text = latin1(source.read(from, step + overlap));
    for (const { 0: match, index } of text.matchAll(candidates)) {
      if (index >= step || found.length >= maxFound) break;
      const one = match.endsWith("@")
        ? linkAt(text, index)
        : match === "\x04\x03"
          ? virtualAt(text, index, heaps)
          : storageAt(text, index, heaps);
      if (one !== undefined) found.push(one);
    }
  }
  return found;
}

/** Addresses, and whether the heap stands there that a message promises. */
class Heaps {
  private readonly source: ByteSource;
  private readonly base: number;
  private readonly width: number;
  private readonly seen = new Map<number, string>();

  constructor(source: ByteSource, base: number, width: number) {
    this.source = source;
    this.base = base;
    this.width = width;
  }

  holds(text: string, at: number, signature: string): boolean {
    const address = number(text, at, this.width);
    if (!(address > 0 && this.base + address + 4 <= this.source.sizeBytes)) return false;
    let there = this.seen.get(address);
    if (there === undefined) {
      if (this.seen.size >= maxAddresses) throw refused(`more than ${maxAddresses} places look as if they led to other files`);
      this.seen.set(address, (there = latin1(this.source.read(this.base + address, 4))));
    }
    return there === signature;
  }
}

/** Little-endian; NaN behind the end. */
function number(text: string, at: number, bytes: number): number {
  let value = 0;
  for (let i = bytes - 1; i >= 0; i--) value = value * 256 + text.charCodeAt(at + i);
  return value;
}

function linkAt(text: string, start: number): HdfOutside | undefined {
  const flags = text.charCodeAt(start + 1);
  let at = start + 3 + (flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0);
  const nameBytes = 1 << (flags & 3);
  at += nameBytes + number(text, at, nameBytes);
  const length = number(text, at, 2);
  if (!(length >= 4) || text[at + 2] !== "\0") return undefined;
  const [file, path, ...rest] = text.slice(at + 3, at + 2 + length).split("\0");
  return file === "" || path === undefined || path === "" || rest.join("") !== "" ? undefined : { how: "an external link", file };
}

function storageAt(text: string, at: number, heaps: Heaps): HdfOutside | undefined {
  const [slots, used] = [number(text, at + 4, 2), number(text, at + 6, 2)];
  if (!(used >= 1 && used <= slots) || !heaps.holds(text, at + 8, "HEAP")) return undefined;
  return { how: "external storage", file: undefined };
}

function virtualAt(text: string, at: number, heaps: Heaps): HdfOutside | undefined {
  return heaps.holds(text, at + 2, "GCOL") ? { how: "a virtual dataset", file: undefined } : undefined;
}
