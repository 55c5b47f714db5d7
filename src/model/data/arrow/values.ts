/** Values of an Arrow column, whatever its type. */

import type { DataType as ArrowType, RecordBatch } from "apache-arrow";
import { quote } from "../../../base/error/index.ts";
import { malformed, unsupported } from "../refuse.ts";

/** Numbers of `Type` in Arrow's Schema.fbs, as the library has them. */
const kinds = {
  null: 1,
  int: 2,
  float: 3,
  utf8: 5,
  bool: 6,
  decimal: 7,
  date: 8,
  time: 9,
  timestamp: 10,
  list: 12,
  fixedList: 16,
  largeList: 21,
  largeUtf8: 20,
  utf8View: 24,
  dictionary: -1,
};
const plain = new Set([
  kinds.int,
  kinds.float,
  kinds.utf8,
  kinds.bool,
  kinds.time,
  kinds.largeUtf8,
  kinds.utf8View,
  kinds.list,
  kinds.fixedList,
]);

/**
 * How a row's value of the column at `place` is read; undefined and null are missing.
 * @throws data/unsupported for types that become no cell, data/malformed for a column shorter than its batch
 */
export function readerOf(batch: RecordBatch, place: number, file: string): (row: number) => unknown {
  const field = batch.schema.fields[place]!;
  const vector = batch.getChildAt(place);
  if (vector === null || vector.length !== batch.numRows) {
    throw malformed(file, `column ${quote(field.name)} has ${vector?.length ?? 0} of ${batch.numRows} values`);
  }
  const convert = converterOf(field.type, `column ${quote(field.name)}`, file);
  return (row) => {
    let value: unknown;
    try {
      value = vector.get(row);
    } catch (cause) {
      throw malformed(
        file,
        `column ${quote(field.name)} cannot be read (${cause instanceof Error ? cause.message.slice(0, 80) : "damaged"})`,
      );
    }
    return value === null || value === undefined ? null : convert(value);
  };
}

function converterOf(type: ArrowType, what: string, file: string): (value: unknown) => unknown {
  const kind = type.typeId as number;
  if (kind === kinds.null) return () => null;
  if (kind === kinds.dictionary) return converterOf((type as unknown as { dictionary: ArrowType }).dictionary, what, file);
  if (plain.has(kind)) return (value) => value;
  // The library gives dates and times as milliseconds.
  if (kind === kinds.date || kind === kinds.timestamp) return (value) => new Date(Number(value));
  if (kind === kinds.decimal) return (value) => decimal(value as Uint32Array, (type as unknown as { scale: number }).scale);
  throw unsupported(
    file,
    `${what} is ${String(type).slice(0, 80)}`,
    "give each value a column of its own, or leave the column out of `features`",
  );
}

/** A two's-complement integer of four or eight words, by a power of ten. */
function decimal(words: Uint32Array, scale: number): number {
  let whole = 0n;
  for (let i = words.length - 1; i >= 0; i--) whole = (whole << 32n) | BigInt(words[i]!);
  return Number(BigInt.asIntN(words.length * 32, whole)) / 10 ** scale;
}
