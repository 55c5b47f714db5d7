/** Fields of a protocol buffer without its schema (protobuf.dev, "Encoding"). */

import { malformed } from "../refuse.ts";
import type { ByteSource } from "./source.ts";

export interface Field {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 bytes of a length, 5 four bytes. */
  readonly wire: number;
  /** Where its content lies. */
  readonly from: number;
  readonly to: number;
}

function varint(bytes: Uint8Array, at: number, end: number): { value: number; next: number } | undefined {
  let value = 0;
  for (let i = 0; i < 10 && at + i < end; i++) {
    const byte = bytes[at + i]!;
    value += (byte & 127) * 2 ** (7 * i);
    if (byte < 128) return { value, next: at + i + 1 };
  }
  return undefined;
}

function fieldAt(bytes: Uint8Array, at: number, end: number): Field | undefined {
  const tag = varint(bytes, at, end);
  if (tag === undefined) return undefined;
  const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  const value = wire === 0 || wire === 2 ? varint(bytes, tag.next, end) : undefined;
  if (number === 0) return undefined;
  if (wire === 0) return value && { number, wire, from: tag.next, to: value.next };
  if (wire === 1) return { number, wire, from: tag.next, to: tag.next + 8 };
  if (wire === 5) return { number, wire, from: tag.next, to: tag.next + 4 };
  return value && { number, wire, from: value.next, to: value.next + value.value };
}

/** @throws scan/malformed */
export function* fieldsOf(bytes: Uint8Array, start: number, end: number): Generator<Field> {
  for (let at = start; at < end;) {
    const field = fieldAt(bytes, at, end);
    if (field === undefined || field.to > end) throw malformed("it is no protocol buffer", `byte ${at}`);
    yield field;
    at = field.to;
  }
}

const maxTopFields = 1 << 16;

/** Numbers and wire types of the outermost fields, each as `number * 8 + wire`; undefined when the file is no protocol buffer to its end. */
export function outerFields(source: ByteSource): ReadonlySet<number> | undefined {
  const found = new Set<number>();
  let count = 0;
  for (let at = 0; at < source.sizeBytes;) {
    const head = source.read(at, 20);
    const field = fieldAt(head, 0, head.length);
    if (field === undefined || at + field.to > source.sizeBytes || ++count > maxTopFields) return undefined;
    found.add(field.number * 8 + field.wire);
    at += field.to;
  }
  return found;
}
