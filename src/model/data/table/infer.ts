/** What a table's columns mean, found by reading all of it once: never more than a few words of each column are in memory. */

import { quote } from "../../../base/error/index.ts";
import { malformed } from "../refuse.ts";
import { unknownColumn } from "./names.ts";
import type { ColumnSchema, TableSchema } from "./schema.ts";
import { usualMissing } from "./schema.ts";
import type { Cell, Table } from "./table.ts";
import { badRow } from "./table.ts";
import { isMissing, numberOf, truthOf, wordOf } from "./value.ts";

export interface InferOptions {
  /** The column to learn. */
  readonly target?: string;
  /** What the target is; without it, text, booleans and up to 20 different whole numbers are classes, other numbers a regression. */
  readonly task?: "classification" | "regression";
  /** `fill`: missing numbers become the mean of their column, missing booleans false, missing words a category of their own; `refuse` when left out. */
  readonly missing?: "refuse" | "fill";
  /** See {@link TableSchema.missing}. */
  readonly missingWords?: readonly string[];
  /** Most words of a category; a column with more stays text. 256. */
  readonly maxCategories?: number;
}

/** So few different words are a category however short the table is; and so few whole numbers are classes of a target. */
const fewWords = 20;

/** From this share of numbers on, what is no number is a mistake and not a word. */
const mostlyNumbers = 0.9;

/**
 * The schema of a table.
 *
 * @throws data/bad-row for mixed columns, data/malformed for a table without rows, data/unknown-name for a target that it has not
 * @example
 * const schema = await inferSchema(csvTable(source), { target: "label" }); // write it down, change it, give it to openTable
 */
export async function inferSchema(table: Table, options: InferOptions = {}): Promise<TableSchema> {
  const { target, missingWords = usualMissing, maxCategories = 256 } = options;
  const names = await table.columns();
  if (target !== undefined && !names.includes(target)) throw unknownColumn(table.name, target, names);
  const words = new Set(missingWords);
  const seen = names.map(() => createTally(maxCategories, words));
  let rows = 0;
  for await (const block of table.rows(names)) {
    for (const { line, cells } of block) cells.forEach((cell, i) => seen[i]!.add(cell, line));
    rows += block.length;
  }
  if (rows === 0) throw malformed(table.name, "it has no rows", { hint: "bring at least one example" });
  const columns = names.map((name, i) => {
    const { kind, ...rest } = kindOf(seen[i]!.result(), { file: table.name, column: name, target: name === target, options });
    return { name, kind, ...rest } as ColumnSchema;
  });
  return {
    columns,
    ...(target === undefined ? {} : { target }),
    ...(options.missingWords === undefined ? {} : { missing: options.missingWords }),
  };
}

interface Tally {
  readonly total: number;
  readonly missing: number;
  readonly numbers: number;
  readonly integers: number;
  readonly mean: number;
  readonly truths: number;
  readonly vectors: number;
  /** Different words; undefined when there are too many. */
  readonly words: readonly string[] | undefined;
  readonly vectorLength: number;
  /** The first cell that differs from most: where a reader has to look. */
  readonly firstNonNumber?: { line: number; cell: Cell };
  readonly firstOtherLength?: { line: number; length: number };
}

function createTally(maxWords: number, missingWords: ReadonlySet<string>) {
  const words = new Set<string>();
  const count = { total: 0, missing: 0, numbers: 0, integers: 0, mean: 0, truths: 0, vectors: 0, vectorLength: -1 };
  let firstNonNumber: Tally["firstNonNumber"];
  let firstOtherLength: Tally["firstOtherLength"];
  return {
    add(cell: Cell, line: number): void {
      if (isMissing(cell, missingWords)) return void count.missing++;
      count.total++;
      if (Array.isArray(cell)) {
        count.vectors++;
        if (count.vectorLength === -1) count.vectorLength = cell.length;
        else if (count.vectorLength !== cell.length) firstOtherLength ??= { line, length: cell.length };
      }
      const number = numberOf(cell);
      if (number === undefined) firstNonNumber ??= { line, cell };
      else {
        count.numbers++;
        if (Number.isInteger(number)) count.integers++;
        count.mean += (number - count.mean) / count.numbers;
      }
      if (truthOf(cell) !== undefined) count.truths++;
      if (words.size <= maxWords && !Array.isArray(cell)) words.add(wordOf(cell));
    },
    result: (): Tally => ({
      ...count,
      words: words.size > maxWords ? undefined : [...words],
      ...(firstNonNumber === undefined ? {} : { firstNonNumber }),
      ...(firstOtherLength === undefined ? {} : { firstOtherLength }),
    }),
  };
}

interface About {
  readonly file: string;
  readonly column: string;
  readonly target: boolean;
  readonly options: InferOptions;
}

type Nameless<Column> = Column extends ColumnSchema ? Omit<Column, "name"> : never;

function kindOf(tally: Tally, about: About): Nameless<ColumnSchema> {
  const { total, numbers, truths, vectors } = tally;
  if (total === 0) return { kind: "ignore" };
  if (vectors > 0) return vector(tally, about);
  if (about.target && about.options.task !== "regression") {
    const few = tally.words !== undefined && tally.words.length <= fewWords && tally.integers === total;
    const isClass =
      about.options.task === "classification" || few || (numbers < total * mostlyNumbers && tally.words !== undefined);
    if (isClass && tally.words !== undefined) return { kind: "category", values: sorted(tally.words) };
  }
  const fill = about.options.missing === "fill" && !about.target && tally.missing > 0;
  const missing = fill ? { missing: Math.fround(tally.mean) } : {};
  if (numbers === total) return { kind: "number", ...missing };
  if (numbers >= total * mostlyNumbers || (about.target && about.options.task === "regression")) throw mixed(tally, about);
  if (truths === total) return { kind: "boolean", ...(fill ? { missing: 0 } : {}) };
  const isCategory = tally.words !== undefined && tally.words.length <= Math.max(fewWords, total / 2);
  if (!isCategory) return { kind: "text" };
  return { kind: "category", values: sorted(tally.words), ...(fill ? { missing: "own" } : {}) };
}

function vector(
  { vectors, total, vectorLength, firstOtherLength, firstNonNumber }: Tally,
  { file, column }: About,
): Nameless<ColumnSchema> {
  if (vectors < total) {
    throw badRow(
      file,
      firstNonNumber?.line ?? 1,
      `${quote(column)} holds arrays in some rows and plain values in others`,
      "use one form",
    );
  }
  if (firstOtherLength !== undefined) {
    const { line, length } = firstOtherLength;
    throw badRow(
      file,
      line,
      `${quote(column)} has ${length} numbers, the rows before have ${vectorLength}`,
      "bring all examples to one size",
    );
  }
  return { kind: "vector", length: vectorLength };
}

function mixed({ firstNonNumber, numbers, total }: Tally, { file, column }: About): Error {
  const { line, cell } = firstNonNumber ?? { line: 1, cell: "" };
  const what = `${quote(column)} is ${quote(cell)}, while ${numbers} of ${total} rows hold numbers`;
  return badRow(file, line, what, "correct the row, add the word to those that mean missing, or give a schema");
}

/** One order whatever the order of the rows: numbers by size, words by their letters. */
function sorted(words: readonly string[]): readonly string[] {
  const numeric = words.every((word) => numberOf(word) !== undefined);
  return numeric ? words.toSorted((a, b) => Number(a) - Number(b)) : words.toSorted();
}
