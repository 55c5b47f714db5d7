import type { ByteSource } from "../../bytes/source.ts";
import { refused } from "../../refuse.ts";
import { maxYamlCharacters } from "./read-yaml.ts";

/**
 * The text of a file: UTF-8, or UTF-16 where a byte order mark says so, as YAML has it.
 * @throws `scan/refused` when it is longer than any manifest
 */
export function textOf(source: ByteSource): string {
  if (source.sizeBytes > 4 * maxYamlCharacters) throw refused(`it is longer than ${4 * maxYamlCharacters} bytes`);
  return decode(source.read(0, source.sizeBytes));
}

/** Bytes as text; what is no text becomes U+FFFD, which no grammar here takes. */
export function decode(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder("utf-8").decode(bytes);
}

/** Edits count bytes, the parser counts UTF-16 units: the offset in bytes of an offset in `text`. */
export function byteOffset(text: string, offset: number): number {
  return new TextEncoder().encode(text.slice(0, offset)).length;
}
