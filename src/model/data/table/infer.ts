/** What a table's columns mean, found by reading all of it once: never more than a few words of each column are in memory. */

import { quote } from "../../../base/error/index.ts";
import { badOption, malformed } from "../refuse.ts";
import { unknownColumn } from "./names.ts";
import type { CategoryColumn, ColumnSchema, TableSchema } from "./schema.ts";
import { usualMissing } from "./schema.ts";
import type { Cell, Origin, Table } from "./table.ts";
import { badRow } from "./table.ts";
import { isMissing, numberOf, truthOf, wordOf } from "./value.ts";

export interface InferOptions {
  /** The column to learn. */
  readonly target?: string;
  /** What the target is; without it, text, booleans and up to 20 different whole numbers are classes, other numbers a regression. */
  readonly task?: "classification" | "regression";
  /** The columns that are the input; all but the target when left out. */
  readonly features?: readonly string[];
  /** How words become numbers; see {@link CategoryColumn.encode}. */
  readonly categories?: "one-hot" | "ordinal";
  /**
   * What a missing value of the input becomes. `fill`: the mean of the column, false, or a category of its own; `nan`: not a number (for models
   * that know what to do with it), or a category of its own; `drop`: its row is left out; `refuse` when left out.
   */
  readonly missing?: "refuse" | "fill" | "nan" | "drop";
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
  const chosen = chosenColumns(table.name, names, options);
  const words = new Set(missingWords);
  const seen = names.map(() => createTally(maxCategories, words));
  let rows = 0;
  for await (const block of table.rows(names)) {
    for (const { line, cells } of block) cells.forEach((cell, i) => seen[i]!.add(cell, line));
    rows += block.length;
  }
  if (rows === 0) throw malformed(table.name, "it has no rows", { hint: "bring at least one example" });
  const columns = names.map((name, i): ColumnSchema => {
    if (!chosen.has(name)) return { name, kind: "ignore" };
    const { kind, ...rest } = kindOf(seen[i]!.result(), { from: table, column: name, target: name === target, options });
    return { name, kind, ...rest } as ColumnSchema;
  });
  return {
    columns,
    ...(target === undefined ? {} : { target }),
    ...(options.missing === "drop" ? { dropMissing: true } : {}),
    ...(options.missingWords === undefined ? {} : { missing: options.missingWords }),
  };
}

/** @throws data/unknown-name, data/bad-option */
function chosenColumns(file: string, names: readonly string[], { features, target }: InferOptions): ReadonlySet<string> {
  if (features === undefined) return new Set(names);
  for (const name of features) if (!names.includes(name)) throw unknownColumn(file, name, names);
  if (features.length === 0) throw badOption("a table of no feature columns", "name at least one");
  if (target !== undefined && features.includes(target)) {
    throw badOption(`${quote(target)} as both feature and target`, "a model that sees the label learns nothing: leave it out");
  }
  return new Set(target === undefined ? features : [...features, target]);
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
  readonly from: Origin;
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
  const { filled, asNumber } = fillingOf(tally, about);
  const missing = asNumber === undefined ? {} : { missing: asNumber(tally.mean) };
  if (numbers === total) return { kind: "number", ...missing };
  if (numbers >= total * mostlyNumbers || (about.target && about.options.task === "regression")) throw mixed(tally, about);
  if (truths === total) return { kind: "boolean", ...(asNumber === undefined ? {} : { missing: asNumber(0) }) };
  const isCategory = tally.words !== undefined && tally.words.length <= Math.max(fewWords, total / 2);
  if (!isCategory) return { kind: "text" };
  return { kind: "category", values: sorted(tally.words), ...encodingOf(about), ...(filled ? { missing: "own" } : {}) };
}

/** What stands for missing values of a column; nothing when none is missing, so that a later one is noticed. */
function fillingOf({ missing }: Tally, { target, options }: About) {
  const filled = !target && missing > 0 && (options.missing === "fill" || options.missing === "nan");
  if (!filled) return { filled, asNumber: undefined };
  return { filled, asNumber: options.missing === "nan" ? () => "nan" as const : (value: number) => Math.fround(value) };
}

const encodingOf = ({ options }: About): Pick<CategoryColumn, "encode"> =>
  options.categories === "ordinal" ? { encode: "ordinal" } : {};

function vector(
  { vectors, total, vectorLength, firstOtherLength, firstNonNumber }: Tally,
  { from, column }: About,
): Nameless<ColumnSchema> {
  if (vectors < total) {
    throw badRow(
      from,
      firstNonNumber?.line ?? 1,
      `${quote(column)} holds arrays in some rows and plain values in others`,
      "use one form",
    );
  }
  if (firstOtherLength !== undefined) {
    const { line, length } = firstOtherLength;
    throw badRow(
      from,
      line,
      `${quote(column)} has ${length} numbers, the rows before have ${vectorLength}`,
      "bring all examples to one size",
    );
  }
  return { kind: "vector", length: vectorLength };
}

function mixed({ firstNonNumber, numbers, total }: Tally, { from, column }: About): Error {
  const { line, cell } = firstNonNumber ?? { line: 1, cell: "" };
  const what = `${quote(column)} is ${quote(cell)}, while ${numbers} of ${total} rows hold numbers`;
  return badRow(from, line, what, "correct the row, add the word to those that mean missing, or give a schema");
}

/** One order whatever the order of the rows: numbers by size, words by their letters. */
function sorted(words: readonly string[]): readonly string[] {
  const numeric = words.every((word) => numberOf(word) !== undefined);
  return numeric ? words.toSorted((a, b) => Number(a) - Number(b)) : words.toSorted();
}
