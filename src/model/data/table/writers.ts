/** Cells as numbers of the input, one writer for each kind of column. */

import { nearest, quote } from "../../../base/error/index.ts";
import { badOption } from "../refuse.ts";
import type { BooleanColumn, CategoryColumn, ColumnSchema, NumberColumn, VectorColumn } from "./schema.ts";
import type { Cell, Origin } from "./table.ts";
import { badRow } from "./table.ts";
import { isMissing, numberOf, truthOf, wordOf } from "./value.ts";

/** Writes a cell's numbers into the output. */
interface Writer {
  readonly names: readonly string[];
  write(out: Float32Array, at: number, cell: Cell, line: number): void;
}

/** What all writers of a table know. */
export interface About {
  readonly from: Origin;
  /** Words that mean missing. */
  readonly words: ReadonlySet<string>;
}

/** @throws data/bad-option for columns that become no numbers */
export function writerOf(column: ColumnSchema, about: About): Writer {
  switch (column.kind) {
    case "number":
    case "boolean":
      return scalarWriter(column, about);
    case "category":
      return categoryWriter(column, about);
    case "vector":
      return vectorWriter(column, about);
    default:
      throw badOption(
        `numbers from a column of kind ${column.kind}`,
        "only numbers, booleans, categories and vectors become numbers",
      );
  }
}

const missingHint =
  "fill it (`--missing fill`; in a schema `missing`), leave such rows out (`--missing drop`), or remove the row";

function scalarWriter({ name, kind, missing = "refuse" }: NumberColumn | BooleanColumn, { from, words }: About): Writer {
  const read = kind === "number" ? numberOf : truthOf;
  const filling = missing === "nan" ? Number.NaN : missing;
  return {
    names: [name],
    write(out, at, cell, line) {
      const value = read(cell);
      if (value !== undefined) out[at] = value;
      else if (!isMissing(cell, words))
        throw badRow(from, line, `${quote(name)} is ${quote(cell)}, no ${kind}`, "correct the row, or the schema");
      else if (filling === "refuse") throw badRow(from, line, `${quote(name)} is missing`, missingHint);
      else out[at] = filling;
    },
  };
}

/** The place of a cell's word among the values. */
export function categoryReader({ values }: CategoryColumn): (cell: Cell) => number | undefined {
  const places = new Map(values.map((value, i) => [value, i]));
  return (cell) => places.get(wordOf(cell));
}

function categoryWriter(column: CategoryColumn, { from, words }: About): Writer {
  const { name, values, missing = "refuse" } = column;
  const read = categoryReader(column);
  if (column.encode === "ordinal") return ordinalWriter(column, { from, words });
  const names = values.map((value) => `${name}=${value}`);
  return {
    names: missing === "own" ? [...names, `${name} missing`] : names,
    write(out, at, cell, line) {
      const found = read(cell);
      if (found !== undefined) out[at + found] = 1;
      else if (!isMissing(cell, words)) throw unknownWord(from, line, { name, cell, values });
      else if (missing === "refuse") throw badRow(from, line, `${quote(name)} is missing`, missingHint);
      else if (missing === "own") out[at + values.length] = 1;
    },
  };
}

function ordinalWriter(column: CategoryColumn, { from, words }: About): Writer {
  const { name, values, missing = "refuse" } = column;
  const read = categoryReader(column);
  return {
    names: [name],
    write(out, at, cell, line) {
      const found = read(cell);
      if (found !== undefined) out[at] = found;
      else if (!isMissing(cell, words)) throw unknownWord(from, line, { name, cell, values });
      else if (missing === "refuse") throw badRow(from, line, `${quote(name)} is missing`, missingHint);
      else out[at] = missing === "own" ? values.length : -1;
    },
  };
}

function vectorWriter({ name, length }: VectorColumn, { from }: About): Writer {
  return {
    names: Array.from({ length }, (_, i) => `${name}[${i}]`),
    write(out, at, cell, line) {
      if (!Array.isArray(cell) || cell.length !== length) {
        const has = Array.isArray(cell) ? `${cell.length} numbers` : "no array";
        throw badRow(from, line, `${quote(name)} is ${has}, the schema wants ${length}`, "bring all examples to one size");
      }
      cell.forEach((value: number, i) => {
        if (numberOf(value) === undefined)
          throw badRow(from, line, `${quote(`${name}[${i}]`)} is ${value}, no number of 32 bits`, "correct the row");
        out[at + i] = value;
      });
    },
  };
}

/** `data/bad-row` for a word that a category has not. */
export function unknownWord(
  from: Origin,
  line: number,
  { name, cell, values }: { name: string; cell: Cell; values: readonly string[] },
): Error {
  const near = nearest(wordOf(cell), values);
  const hint =
    near === undefined
      ? "correct the row, or add the value to the schema"
      : `did you mean ${quote(near)}? else add the value to the schema`;
  return badRow(from, line, `${quote(name)} is ${quote(cell)}, none of its ${values.length} values`, hint);
}
