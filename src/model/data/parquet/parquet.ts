/** Parquet files, read by `hyparquet`, a row group at a time. */

import type * as Hyparquet from "hyparquet";
import type { Compressors, FileMetaData as Metadata } from "hyparquet";
import { quote, toModelkeepError, isModelkeepError } from "../../../base/error/index.ts";
import { malformed, tooLarge, unsupported } from "../refuse.ts";
import { placesOf } from "../table/names.ts";
import type { RandomSource } from "../table/random-source.ts";
import { cellOfValue } from "../table/foreign-value.ts";
import type { Cell, Row, Table } from "../table/table.ts";
import { boundedCodecs } from "./codecs.ts";

/** Longest footer, most rows of a group, most values of a group: beyond these a file does not fit into memory, or lies. */
const limits = { footerBytes: 2 ** 26, groupRows: 2 ** 26, groupValues: 2 ** 28 };

/** Rows that go on at a time, so that a group is never in memory twice. */
const blockRows = 4096;

/**
 * A Parquet file as a table: all primitive types, dictionaries, nulls, lists of numbers; uncompressed, Snappy, gzip, Zstandard, LZ4 and
 * Brotli. One row group is in memory at a time, and of it only the columns that are asked for. Dates become ISO 8601.
 *
 * A damaged file can keep the library busy for very long: what strangers send is read in a worker (`tableInWorker`, as `openData` does).
 * Reading throws data/malformed, data/unsupported, data/too-large, data/bad-row with the number of the row.
 * @example
 * const data = await openTable(parquetTable(await fileRandomSource("people.parquet")), { target: "income" });
 */
export function parquetTable(source: RandomSource): Table {
  const { name } = source;
  const open = async () => {
    const hyparquet = await import("hyparquet");
    return { hyparquet, metadata: await readMetadata(source, hyparquet) };
  };
  const namesOf = ({ hyparquet, metadata }: Awaited<ReturnType<typeof open>>): readonly string[] =>
    hyparquet.parquetSchema(metadata).children.map(({ element }) => element.name);
  return {
    name,
    unit: "row",
    columns: async () => namesOf(await open()),
    async *rows(wanted) {
      const file = await open();
      placesOf(name, namesOf(file), wanted);
      const codecs = boundedCodecs(await import("hyparquet-compressors"), name);
      let start = 0;
      for (const group of file.metadata.row_groups) {
        const rows = Number(group.num_rows);
        const columns: ArrayLike<unknown>[] = [];
        for (const column of wanted) columns.push(await readColumn(source, file, { column, start, rows, codecs }));
        yield* rowBlocks(columns, { start, rows, wanted, name });
        start += rows;
      }
    },
  };
}

function* rowBlocks(
  columns: readonly ArrayLike<unknown>[],
  { start, rows, wanted, name }: { start: number; rows: number; wanted: readonly string[]; name: string },
): Generator<readonly Row[]> {
  const from = { name, unit: "row" } as const;
  for (let at = 0; at < rows; at += blockRows) {
    const block: Row[] = [];
    for (let i = at; i < Math.min(rows, at + blockRows); i++) {
      const row = start + i + 1;
      const cells = columns.map((values, c): Cell => cellOfValue(values[i], { from, column: wanted[c]!, row }));
      block.push({ line: row, cells });
    }
    yield block;
  }
}

async function readMetadata(source: RandomSource, { parquetMetadata }: typeof Hyparquet): Promise<Metadata> {
  const { name, sizeBytes } = source;
  const tail = await source.read(Math.max(0, sizeBytes - 8), sizeBytes);
  const head = await source.read(0, 4);
  const magic = new TextDecoder("latin1").decode(tail.subarray(4));
  if (magic === "PARE") throw unsupported(name, "it is encrypted", "write it without encryption");
  if (tail.length < 8 || magic !== "PAR1" || new TextDecoder("latin1").decode(head) !== "PAR1") {
    throw malformed(name, "this is not a Parquet file", { where: "byte 0" });
  }
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > limits.footerBytes) throw tooLarge(name, `its footer has ${length} bytes`, "write fewer columns and row groups");
  if (length + 12 > sizeBytes) throw malformed(name, "its footer is longer than the file", { where: `byte ${sizeBytes - 8}` });
  const footer = await source.read(sizeBytes - length - 8, sizeBytes);
  const metadata = guard(name, () => parquetMetadata(bufferOf(footer), { geoparquet: false }));
  checkMetadata(name, metadata);
  return metadata;
}

/** INVARIANT: no later step sets memory aside for rows or values that the footer invents beyond these limits. */
function checkMetadata(name: string, { row_groups, schema }: Metadata): void {
  if (!Array.isArray(row_groups) || !Array.isArray(schema)) throw malformed(name, "its footer lacks a schema");
  for (const [i, { num_rows, columns }] of row_groups.entries()) {
    const values = (columns ?? []).reduce((most, { meta_data }) => Math.max(most, Number(meta_data?.num_values ?? 0)), 0);
    if (!(Number(num_rows) >= 0)) throw malformed(name, `row group ${i} has no number of rows`);
    if (Number(num_rows) > limits.groupRows || values > limits.groupValues) {
      throw tooLarge(
        name,
        `row group ${i} has ${num_rows} rows and ${values} values`,
        "write row groups of about a million rows",
      );
    }
  }
}

interface Wanted {
  readonly column: string;
  readonly start: number;
  readonly rows: number;
  readonly codecs: Compressors;
}

/** The values of a column in one row group. */
async function readColumn(
  source: RandomSource,
  { hyparquet, metadata }: { hyparquet: typeof Hyparquet; metadata: Metadata },
  { column, start, rows, codecs }: Wanted,
): Promise<ArrayLike<unknown>> {
  const file = {
    byteLength: source.sizeBytes,
    slice: async (from: number, to?: number): Promise<ArrayBuffer> => bufferOf(await source.read(from, to ?? source.sizeBytes)),
  };
  const options = { file, metadata, columns: [column], compressors: codecs, geoparquet: false, useOffsetIndex: false };
  const part = await hyparquet
    .parquetScan({ ...options, rowStart: start, rowEnd: start + rows })
    .then((scan) => scan.readColumn({ column, rowStart: start, rowEnd: start + rows }))
    .catch((cause: unknown) => refuse(source.name, column, cause));
  if (part.length !== rows)
    throw malformed(source.name, `column ${quote(column)} has ${part.length} of ${rows} values`, { where: `row ${start + 1}` });
  return part;
}

function refuse(name: string, column: string, cause: unknown): never {
  if (isModelkeepError(cause)) throw cause;
  const what = cause instanceof Error ? cause.message.slice(0, 120) : "unreadable";
  throw malformed(name, `column ${quote(column)} cannot be read (${what})`);
}

function guard<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    throw malformed(name, `its footer cannot be read (${toModelkeepError(cause).message.slice(0, 120)})`);
  }
}

/** A buffer of exactly these bytes, which is what the library takes. */
function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  return whole ? (bytes.buffer as ArrayBuffer) : (bytes.slice().buffer as ArrayBuffer);
}
