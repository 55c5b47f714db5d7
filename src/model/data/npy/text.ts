/** numpy's fixed-width text: `S` is bytes, `U` is UTF-32; both are padded with zeros, which do not count. */

import { malformed, tooLarge } from "../refuse.ts";
import type { NpyHeader } from "./header.ts";

/** Strings are objects, so an array of them takes far more memory than its file; numpy arrays of labels stay below this. */
const maxStrings = 2 ** 26;

/**
 * The strings of an array, in the order of the file.
 * @throws data/malformed, data/too-large
 */
export function readStrings(bytes: Uint8Array, header: NpyHeader, file: string): string[] {
  const { width, text, bigEndian } = header.layout;
  if (header.count > maxStrings) {
    throw tooLarge(
      file,
      `${header.count} strings are more than ${maxStrings}`,
      "store categories as numbers and their names once",
    );
  }
  const read = text === "U" ? utf32Reader(bytes, bigEndian) : bytesReader(bytes);
  return Array.from({ length: header.count }, (_, i) => {
    const found = read(i * width, (i + 1) * width);
    if (found === undefined) {
      throw malformed(file, `element ${i} is no text`, { where: `byte ${header.dataStart + i * width}` });
    }
    return found;
  });
}

type ReadText = (start: number, end: number) => string | undefined;

function utf32Reader(bytes: Uint8Array, bigEndian: boolean): ReadText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (start, end) => {
    while (end > start && view.getUint32(end - 4, true) === 0) end -= 4;
    let found = "";
    for (let at = start; at < end; at += 4) {
      const point = view.getUint32(at, !bigEndian);
      if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
      found += String.fromCodePoint(point);
    }
    return found;
  };
}

function bytesReader(bytes: Uint8Array): ReadText {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (start, end) => {
    while (end > start && bytes[end - 1] === 0) end--;
    try {
      return decoder.decode(bytes.subarray(start, end));
    } catch {
      return undefined;
    }
  };
}

/** Strings as little-endian UTF-32, each padded to the longest; with the width in characters, at least 1 as numpy has it. */
export function writeStrings(strings: readonly string[]): { data: Uint8Array; width: number } {
  const points = strings.map((text) => Array.from(text, (char) => char.codePointAt(0)!));
  const width = points.reduce((widest, own) => Math.max(widest, own.length), 1);
  const data = new Uint8Array(points.length * width * 4);
  const view = new DataView(data.buffer);
  points.forEach((own, i) => own.forEach((point, j) => view.setUint32((i * width + j) * 4, point, true)));
  return { data, width };
}
