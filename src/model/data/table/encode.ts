/** Rows as tensors, by their schema. */

import { quote } from "../../../base/error/index.ts";
import type { Field } from "../dataset/dataset.ts";
import type { Block } from "../dataset/stream.ts";
import { badOption } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import type { ColumnSchema, TableSchema } from "./schema.ts";
import { usualMissing } from "./schema.ts";
import type { Cell, Origin, Row } from "./table.ts";
import { badRow } from "./table.ts";
import { isMissing, truthOf } from "./value.ts";
import type { About } from "./writers.ts";
import { categoryReader, unknownWord, writerOf } from "./writers.ts";

/** Turns blocks of rows into tensors. */
export interface Encoder {
  readonly fields: readonly Field[];
  readonly target?: string;
  /** The columns that rows must have, in this order. */
  readonly columns: readonly string[];
  encode(rows: readonly Row[]): Block;
}

/**
 * The input `x` (float32, one number for each number and boolean, several for categories and vectors), a field for each column of text,
 * and the target `y`: int64 with its classes, or float32.
 *
 * @throws data/bad-option when the schema cannot make these; encoding throws data/bad-row
 */
export function createEncoder(from: Origin, schema: TableSchema): Encoder {
  const words = new Set(schema.missing ?? usualMissing);
  const about: About = { from, words };
  const parts = schema.columns.map((column, place) => ({ column, place }));
  const target = parts.find(({ column }) => column.name === schema.target);
  if (schema.target !== undefined && target === undefined)
    throw badOption(`the target ${quote(schema.target)}`, "it is no column of the schema");
  const inputs = parts.filter((part) => part !== target && part.column.kind !== "text" && part.column.kind !== "ignore");
  const texts = parts.filter(({ column }) => column.kind === "text" && column.name !== schema.target);
  const makers = [
    ...(inputs.length === 0 ? [] : [numbersOf(inputs, about)]),
    ...texts.map(({ column, place }) => textOf(column.name, place, about)),
    ...(target === undefined ? [] : [targetOf(target, about)]),
  ];
  const fields = makers.map(({ field }) => field);
  const twice = fields.find((field, i) => fields.findIndex(({ name }) => name === field.name) !== i);
  if (twice !== undefined)
    throw badOption(
      `a column of text called ${quote(twice.name)}`,
      "`x` and `y` are the input and the target: rename the column",
    );
  return {
    fields,
    ...(target === undefined ? {} : { target: "y" }),
    columns: schema.columns.map(({ name }) => name),
    encode: (rows) => {
      const kept = schema.dropMissing === true ? rows.filter(isWhole(inputs, words)) : rows;
      return Object.fromEntries(makers.map(({ field, make }) => [field.name, make(kept)]));
    },
  };
}

const isWhole =
  (parts: readonly Part[], words: ReadonlySet<string>) =>
  ({ cells }: Row): boolean =>
    parts.every(({ place }) => !isMissing(cells[place], words));

interface Part {
  readonly column: ColumnSchema;
  readonly place: number;
}

interface Maker {
  readonly field: Field;
  make(rows: readonly Row[]): DataTensor;
}

function numbersOf(parts: readonly Part[], about: About): Maker {
  const writers = parts.map(({ column, place }) => ({ place, ...writerOf(column, about) }));
  const columns = writers.flatMap(({ names }) => names);
  return {
    field: { name: "x", type: "float32", dims: [columns.length], columns },
    make(rows) {
      const out = new Float32Array(rows.length * columns.length);
      let at = 0;
      for (const { line, cells } of rows) {
        for (const { place, names, write } of writers) {
          write(out, at, cells[place], line);
          at += names.length;
        }
      }
      return { type: "float32", dims: [rows.length, columns.length], data: new Uint8Array(out.buffer) };
    },
  };
}

function textOf(name: string, place: number, { from, words }: About): Maker {
  return {
    field: { name, type: "string", dims: [] },
    make: (rows) => ({
      type: "string",
      dims: [rows.length],
      data: new Uint8Array(0),
      strings: rows.map(({ line, cells }) => {
        const cell = cells[place];
        if (typeof cell === "object" && cell !== null)
          throw badRow(from, line, `${quote(name)} is an array`, "text is one value");
        return isMissing(cell, words) ? "" : String(cell);
      }),
    }),
  };
}

function targetOf({ column, place }: Part, about: About): Maker {
  if (column.kind === "text" || column.kind === "ignore") {
    throw badOption(`a target of kind ${column.kind}`, "classes need a category with its values, a regression needs a number");
  }
  const { from, words } = about;
  const refuseMissing = (cell: Cell, line: number): void => {
    if (isMissing(cell, words))
      throw badRow(from, line, `the label ${quote(column.name)} is missing`, "remove the row, or label it");
  };
  if (column.kind === "number" || column.kind === "vector") {
    const { names, write } = writerOf(column, about);
    const dims = column.kind === "vector" ? [names.length] : [];
    const make = (rows: readonly Row[]): DataTensor => {
      const out = new Float32Array(rows.length * names.length);
      rows.forEach(({ line, cells }, i) => {
        refuseMissing(cells[place], line);
        write(out, i * names.length, cells[place], line);
      });
      return { type: "float32", dims: [rows.length, ...dims], data: new Uint8Array(out.buffer) };
    };
    return { field: { name: "y", type: "float32", dims }, make };
  }
  const classes = column.kind === "boolean" ? ["false", "true"] : column.values;
  const classOf = column.kind === "boolean" ? (cell: Cell) => truthOf(cell) : categoryReader(column);
  return {
    field: { name: "y", type: "int64", dims: [], classes },
    make(rows) {
      const out = BigInt64Array.from(rows, ({ line, cells }) => {
        refuseMissing(cells[place], line);
        const found = classOf(cells[place]);
        if (found === undefined) throw unknownWord(from, line, { name: column.name, cell: cells[place], values: classes });
        return BigInt(found);
      });
      return { type: "int64", dims: [rows.length], data: new Uint8Array(out.buffer) };
    },
  };
}
