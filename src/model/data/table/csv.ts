/** CSV files (RFC 4180), read as a stream. */

import { quote } from "../../../base/error/index.ts";
import { badOption, malformed } from "../refuse.ts";
import { readRecord } from "./csv-record.ts";
import { placesOf, unknownColumn } from "./names.ts";
import type { ByteSource } from "./source.ts";
import type { Row, Table } from "./table.ts";
import { badRow, maxRowLength, textOf } from "./table.ts";

export interface CsvOptions {
  /** What stands between fields: one character; `,`. */
  readonly delimiter?: string;
  /** Names of the columns when the file has no header. */
  readonly columns?: readonly string[];
}

/**
 * A CSV file as a table. Fields are text; a schema makes them numbers. Lines end in LF, CR LF or CR; empty lines do not count; a row
 * with more or fewer fields than the header is refused by its line.
 *
 * @throws data/bad-option; reading throws data/bad-row, data/malformed, data/unknown-name
 * @example
 * const table = csvTable(bytesSource("people.csv", bytes));
 * const data = await openTable(table, { target: "income" });
 */
export function csvTable(source: ByteSource, options: CsvOptions = {}): Table {
  const { delimiter = ",", columns: given } = options;
  if (delimiter.length !== 1 || '"\r\n'.includes(delimiter))
    throw badOption(`the delimiter ${quote(delimiter)}`, "give one character");
  const header = async (): Promise<readonly string[]> => {
    if (given !== undefined) return given;
    for await (const [first] of records(source, delimiter)) return first === undefined ? [] : headerOf(source.name, first);
    throw malformed(source.name, "it is empty", { hint: "the first line names the columns" });
  };
  return {
    name: source.name,
    columns: header,
    async *rows(wanted) {
      const names = await header();
      const places = placesOf(source.name, names, wanted);
      // As likely a mistake as the reverse; a schema says `ignore` when it is none.
      const extra = names.find((name) => !wanted.includes(name));
      if (extra !== undefined) throw unknownColumn(`the schema of ${source.name}`, extra, wanted);
      let isHeader = given === undefined;
      for await (const block of records(source, delimiter)) {
        const rows = isHeader ? block.slice(1) : block;
        isHeader = false;
        yield rows.map(({ line, cells }): Row => {
          if (cells.length !== names.length) throw badRow(source, line, ...lengthDiffers(cells.length, names.length));
          return { line, cells: places.map((place) => cells[place]!) };
        });
      }
    },
  };
}

function lengthDiffers(has: number, wants: number): [what: string, hint: string] {
  const hint =
    wants === 1 ? "the delimiter may be another: `;` or a tab" : "put fields that hold the delimiter into double quotes";
  return [`it has ${has} field${has === 1 ? "" : "s"}, the header has ${wants}`, hint];
}

function headerOf(file: string, { cells, line }: CsvRow): readonly string[] {
  // pandas leaves the name of an index column empty.
  const names = cells.map((cell, i) => (cell.trim() === "" ? `column${i + 1}` : cell.trim()));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw malformed(file, `two columns are called ${quote(twice)}`, { where: `line ${line}`, hint: "rename one of them" });
  return names;
}

interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** All records, the header among them, in blocks; never an empty block. */
async function* records(source: ByteSource, delimiter: string): AsyncGenerator<readonly CsvRow[]> {
  let rest = "";
  let line = 1;
  const parse = (text: string, last: boolean): CsvRow[] => {
    const found: CsvRow[] = [];
    let at = 0;
    while (at < text.length) {
      const record = readRecord(text, at, { delimiter, last });
      if (record === undefined) break;
      if ("wrong" in record) {
        throw badRow(source, line, record.wrong, "put the field into double quotes, and double the quotes inside it");
      }
      const isEmpty = record.cells.length === 1 && record.cells[0] === "";
      if (!isEmpty) found.push({ line, cells: record.cells });
      line += record.lines;
      at = record.next;
    }
    rest = text.slice(at);
    if (rest.length > maxRowLength) {
      throw badRow(
        source,
        line,
        `a row is longer than ${maxRowLength} characters`,
        "a quote may have been opened and not closed",
      );
    }
    return found;
  };
  for await (const text of textOf(source)) {
    const found = parse(rest + text, false);
    if (found.length > 0) yield found;
  }
  const found = parse(rest, true);
  if (found.length > 0) yield found;
}
