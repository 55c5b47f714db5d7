/** Arrow IPC files and streams, which are Feather files of version 2, read by `apache-arrow`, a record batch at a time. */

import type { RecordBatch, RecordBatchReader } from "apache-arrow";
import { isModelkeepError, quote } from "../../../base/error/index.ts";
import { malformed, tooLarge, unsupported } from "../refuse.ts";
import { cellOfValue } from "../table/foreign-value.ts";
import { placesOf } from "../table/names.ts";
import type { RandomSource } from "../table/random-source.ts";
import type { Cell, Row, Table } from "../table/table.ts";
import { useCodecs } from "./codecs.ts";
import { readerOf } from "./values.ts";

/** Most rows of a batch, and rows that go on at a time. */
const maxBatchRows = 2 ** 26;
const blockRows = 4096;

/**
 * An Arrow file (`.arrow`, `.feather`) or stream as a table: numbers, booleans, text, dictionaries, dates, decimals, lists of numbers, and
 * nulls; uncompressed, LZ4 or Zstandard. One record batch is in memory at a time, and all dictionaries.
 *
 * Reading throws data/malformed, data/unsupported, data/too-large, data/bad-row with the number of the row.
 * @example
 * const data = await openTable(arrowTable(await fileRandomSource("people.feather")), { target: "income" });
 */
export function arrowTable(source: RandomSource): Table {
  const { name } = source;
  return {
    name,
    unit: "row",
    async columns() {
      const reader = await openReader(source);
      try {
        return reader.schema.fields.map((field) => field.name);
      } finally {
        await attempt(name, () => reader.cancel());
      }
    },
    async *rows(wanted) {
      const reader = await openReader(source);
      try {
        const places = placesOf(
          name,
          reader.schema.fields.map((field) => field.name),
          wanted,
        );
        let start = 0;
        for (;;) {
          const { done, value: batch } = await attempt(name, () => reader.next());
          if (done === true) return;
          yield* rowBlocks(batch as RecordBatch, { name, start, places });
          start += (batch as RecordBatch).numRows;
        }
      } finally {
        await attempt(name, () => reader.cancel());
      }
    },
  };
}

type Reader = Pick<RecordBatchReader, "schema" | "open"> & {
  next(): Promise<IteratorResult<RecordBatch>>;
  cancel(): Promise<void>;
};

async function openReader(source: RandomSource): Promise<Reader> {
  const { name, sizeBytes } = source;
  const head = new TextDecoder("latin1").decode(await source.read(0, 6));
  if (head.startsWith("FEA1"))
    throw unsupported(name, "this is Feather of version 1", "write it as version 2: `df.to_feather(path)`");
  const arrow = await import("apache-arrow");
  useCodecs(arrow, await import("hyparquet-compressors"));
  // The library's port for files: what it needs of Node's FileHandle.
  const handle = {
    fd: 0,
    stat: () => Promise.resolve({ size: sizeBytes }),
    async read(buffer: Uint8Array, offset: number, length: number, position: number) {
      const bytes = await source.read(position, position + length);
      buffer.set(bytes, offset);
      return { bytesRead: bytes.length, buffer };
    },
    close: () => Promise.resolve(),
  };
  return attempt(name, async () => {
    const reader = (await arrow.RecordBatchReader.from(handle as never)) as unknown as Reader;
    await reader.open();
    if (reader.schema === undefined) throw new Error("it has no schema");
    if (reader.schema.fields.some((field) => typeof field.name !== "string")) throw new Error("a column has no name");
    return reader;
  });
}

function* rowBlocks(
  batch: RecordBatch,
  { name, start, places }: { name: string; start: number; places: readonly number[] },
): Generator<readonly Row[]> {
  const from = { name, unit: "row" } as const;
  const { numRows } = batch;
  if (numRows > maxBatchRows) throw tooLarge(name, `a record batch has ${numRows} rows`, "write batches of about a million rows");
  const columns = places.map((place) => {
    const column = batch.schema.fields[place]!.name;
    return { column, read: readerOf(batch, place, name) };
  });
  for (let at = 0; at < numRows; at += blockRows) {
    const block: Row[] = [];
    for (let i = at; i < Math.min(numRows, at + blockRows); i++) {
      const row = start + i + 1;
      const cells = columns.map(({ column, read }): Cell => cellOfValue(read(i), { from, column, row }));
      block.push({ line: row, cells });
    }
    yield block;
  }
}

/** What the library throws becomes this room's error. */
async function attempt<Result>(name: string, read: () => Result | Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (cause) {
    if (isModelkeepError(cause)) throw cause;
    throw malformed(
      name,
      `this is no readable Arrow file (${quote(cause instanceof Error ? cause.message : "unreadable", 120)})`,
    );
  }
}
