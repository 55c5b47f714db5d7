import type { StreamDataset } from "../dataset/stream.ts";
import { createStreamDataset } from "../dataset/stream.ts";
import { createEncoder } from "./encode.ts";
import type { InferOptions } from "./infer.ts";
import { inferSchema } from "./infer.ts";
import type { TableSchema } from "./schema.ts";
import type { Table } from "./table.ts";

export interface TableOptions extends InferOptions {
  /** What the columns mean; without it the table is read once more, from its beginning to its end, to find out. */
  readonly schema?: TableSchema;
  /** See `StreamOptions.blockRows`. */
  readonly blockRows?: number;
}

/**
 * A table as a dataset that is read as it is used, so it may be larger than memory; `load()` brings it into memory, where it can be split
 * and shuffled as a whole. Its input is `x`, its target `y`, and each column of text a field of its own name.
 *
 * @throws data/bad-option, and when it infers, what reading throws: data/unknown-name for a column that is in the schema and not in the
 *   file or the other way round, data/bad-row, data/malformed
 * @example
 * const people = await openTable(csvTable(source), { target: "income" });
 * for await (const { tensors } of people.batches({ size: 64 })) step(tensors.x, tensors.y);
 */
export async function openTable(table: Table, options: TableOptions = {}): Promise<StreamDataset> {
  const schema = options.schema ?? (await inferSchema(table, options));
  const encoder = createEncoder(table, schema);
  const { blockRows } = options;
  return createStreamDataset({
    name: table.name,
    fields: encoder.fields,
    ...(encoder.target === undefined ? {} : { target: encoder.target }),
    ...(blockRows === undefined ? {} : { blockRows }),
    async *open() {
      for await (const rows of table.rows(encoder.columns)) if (rows.length > 0) yield encoder.encode(rows);
    },
  });
}
