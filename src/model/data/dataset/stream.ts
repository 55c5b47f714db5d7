/** Datasets larger than memory: read from the beginning each time, a block after another. */

import { concatBytes } from "../../../base/crypto/index.ts";
import { createSeeded, shuffle } from "../../../base/math/index.ts";
import { badOption } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import { tensorColumn } from "./column.ts";
import type { Batch, BatchOptions, Dataset, Field } from "./dataset.ts";
import { checkBatchSize, checkTarget, countUp, createDataset } from "./indexed.ts";

/** Tensors of equally many examples, one a field. */
export type Block = Readonly<Record<string, DataTensor>>;

export interface StreamOptions {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly target?: string;
  /** Opens the source again, from its beginning; blocks may be of any size. */
  readonly open: () => AsyncIterable<Block>;
  /** Examples in memory at a time; 65,536. A shuffle moves examples only within one such block, and blocks keep their order. */
  readonly blockRows?: number;
  /** Only the first so many examples. */
  readonly limit?: number;
}

/** A dataset over a stream. */
export interface StreamDataset extends Dataset {
  /** Only the first `rows` examples. */
  limited(rows: number): StreamDataset;
  /** Everything in memory. */
  load(): Promise<ReturnType<typeof createDataset>>;
}

/**
 * @throws data/unknown-name when the target is no field
 */
export function createStreamDataset(options: StreamOptions): StreamDataset {
  const { name, fields, target, open, blockRows = 65_536, limit = Infinity } = options;
  checkTarget(
    name,
    fields.map((field) => field.name),
    target,
  );
  return {
    name,
    fields,
    ...(target === undefined ? {} : { target }),
    size: undefined,
    batches: (batching) => {
      checkBatchSize(batching.size);
      // Whole batches a block, so that only the last batch of all can be smaller.
      const rows = Math.max(1, Math.ceil(blockRows / batching.size)) * batching.size;
      return batchesOf(rebatch(open(), fields, { rows, limit }), batching);
    },
    limited: (rows) => {
      checkLimit(rows);
      return createStreamDataset({ ...options, limit: Math.min(limit, rows) });
    },
    async load() {
      const all: Block[] = [];
      for await (const { block } of rebatch(open(), fields, { rows: blockRows, limit })) all.push(block);
      const columns = fields.map((field) => {
        const parts = all.map((block) => block[field.name]!);
        return tensorColumn(field.name, joinTensors(field, parts), meaningOf(field));
      });
      return createDataset(name, columns, target);
    },
  };
}

/** @throws data/bad-option */
export function checkLimit(rows: number): void {
  if (!Number.isSafeInteger(rows) || rows < 1) throw badOption(`a limit of ${rows} examples`, "take at least one example");
}

const meaningOf = ({ classes, columns }: Field) => ({
  ...(classes === undefined ? {} : { classes }),
  ...(columns === undefined ? {} : { columns }),
});

async function* batchesOf(blocks: AsyncIterable<Placed>, options: BatchOptions): AsyncGenerator<Batch> {
  const { size, shuffle: order, dropLast = false, signal } = options;
  let number = 0;
  for await (const { block, start, rows } of blocks) {
    const columns = Object.entries(block).map(([name, tensor]) => tensorColumn(name, tensor));
    const places = countUp(rows);
    // A stream of its own for each block, so that an order does not hang on how many were drawn before.
    if (order !== undefined) shuffle(places, createSeeded(order.seed, order.epoch ?? 0, number));
    for (let at = 0; at < rows; at += size) {
      signal?.throwIfAborted();
      const taken = places.subarray(at, at + size);
      if (taken.length < size && dropLast) return;
      const tensors = Object.fromEntries(columns.map((column) => [column.field.name, column.gather(taken)]));
      yield { size: taken.length, tensors, rows: taken.map((row) => start + row) };
    }
    number++;
  }
}

interface Placed {
  readonly block: Block;
  readonly start: number;
  readonly rows: number;
}

/** The same examples in blocks of exactly `rows`, whatever the source's were; the last may be smaller. */
async function* rebatch(
  source: AsyncIterable<Block>,
  fields: readonly Field[],
  { rows, limit }: { rows: number; limit: number },
): AsyncGenerator<Placed> {
  let waiting: Block[] = [];
  let held = 0;
  let start = 0;
  for await (const block of source) {
    const length = block[fields[0]?.name ?? ""]?.dims[0] ?? 0;
    const missing = limit - start - held;
    waiting.push(length > missing ? cut(block, 0, missing) : block);
    held += Math.min(length, missing);
    if (held >= rows) {
      const joined = joinBlocks(fields, waiting);
      let from = 0;
      for (; held - from >= rows; from += rows) yield { block: cut(joined, from, from + rows), start: start + from, rows };
      waiting = from < held ? [cut(joined, from, held)] : [];
      start += from;
      held -= from;
    }
    if (start + held >= limit) break;
  }
  if (held > 0) yield { block: joinBlocks(fields, waiting), start, rows: held };
}

const joinBlocks = (fields: readonly Field[], blocks: readonly Block[]): Block =>
  Object.fromEntries(
    fields.map((field) => [
      field.name,
      joinTensors(
        field,
        blocks.map((block) => block[field.name]!),
      ),
    ]),
  );

function cut(block: Block, from: number, to: number): Block {
  return Object.fromEntries(Object.entries(block).map(([name, tensor]) => [name, slice(tensor, from, to)]));
}

function slice(tensor: DataTensor, from: number, to: number): DataTensor {
  const [rows = 0, ...dims] = tensor.dims;
  const sized = { type: tensor.type, dims: [to - from, ...dims] };
  if (tensor.strings !== undefined) {
    const each = tensor.strings.length / Math.max(rows, 1);
    return { ...sized, data: tensor.data, strings: tensor.strings.slice(from * each, to * each) };
  }
  const width = tensor.data.length / Math.max(rows, 1);
  return { ...sized, data: tensor.data.subarray(from * width, to * width) };
}

/** Tensors one after another; their first dimension is the example. */
export function joinTensors(field: Field, parts: readonly DataTensor[]): DataTensor {
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, part) => sum + part.dims[0]!, 0);
  const sized = { type: field.type, dims: [rows, ...field.dims] };
  if (field.type === "string") return { ...sized, data: new Uint8Array(0), strings: parts.flatMap((part) => part.strings ?? []) };
  return { ...sized, data: concatBytes(...parts.map((part) => part.data)) };
}
