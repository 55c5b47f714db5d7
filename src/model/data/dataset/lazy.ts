/** Datasets whose examples are fetched when they are used, any of them at any time: thousands of files, each decoded on its own. */

import type { DataTensor } from "../tensor.ts";
import { tensorColumn } from "./column.ts";
import type { Batch, BatchOptions, Field, IndexedDataset } from "./dataset.ts";
import { checkBatchSize, checkTarget, countUp, createDataset, permutation } from "./indexed.ts";
import type { StreamDataset } from "./stream.ts";
import { checkLimit, joinTensors } from "./stream.ts";

export interface LazyOptions {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly target?: string;
  readonly size: number;
  /** The examples of these rows; called for some batches at the same time. */
  readonly fetch: (rows: Uint32Array) => Promise<Readonly<Record<string, DataTensor>>>;
  /** Batches fetched before they are asked for, so that a step does not wait for its data; 2. */
  readonly ahead?: number;
  /** Another way into memory than one large tensor for each field. */
  readonly load?: () => Promise<IndexedDataset>;
}

/**
 * A dataset that is shuffled as a whole and never in memory as a whole.
 * @throws data/unknown-name when the target is no field
 */
export function createLazyDataset(options: LazyOptions): StreamDataset & { readonly size: number } {
  const { name, fields, target, size, fetch, ahead = 2 } = options;
  checkTarget(
    name,
    fields.map((field) => field.name),
    target,
  );
  const load = async (): Promise<IndexedDataset> => {
    const parts: Readonly<Record<string, DataTensor>>[] = [];
    for (let at = 0; at < size; at += 256) parts.push(await fetch(countUp(size).subarray(at, at + 256)));
    const columns = fields.map(({ name: field, type, dims, ...meaning }) => {
      const whole = joinTensors(
        { name: field, type, dims },
        parts.map((part) => part[field]!),
      );
      return tensorColumn(field, whole, meaning);
    });
    return createDataset(name, columns, target);
  };
  return {
    name,
    fields,
    ...(target === undefined ? {} : { target }),
    size,
    batches: (batching) => batchesOf({ size, fetch, ahead }, batching),
    limited: (rows) => {
      checkLimit(rows);
      const { load: _, ...rest } = options;
      return createLazyDataset({ ...rest, size: Math.min(size, rows) });
    },
    load: options.load ?? load,
  };
}

async function* batchesOf(
  { size, fetch, ahead }: { size: number; fetch: LazyOptions["fetch"]; ahead: number },
  options: BatchOptions,
): AsyncGenerator<Batch> {
  checkBatchSize(options.size);
  const order = options.shuffle === undefined ? countUp(size) : permutation(size, options.shuffle);
  const last = options.dropLast === true ? size - (size % options.size) : size;
  const waiting: Promise<Batch>[] = [];
  const begin = (at: number): void => {
    const rows = order.subarray(at, at + options.size);
    const batch = fetch(rows).then((tensors) => ({ size: rows.length, tensors, rows }));
    // Whoever leaves early never looks at what was fetched ahead.
    batch.catch(() => undefined);
    waiting.push(batch);
  };
  for (let at = 0; at < last; at += options.size) {
    options.signal?.throwIfAborted();
    begin(at);
    if (waiting.length > ahead) yield await waiting.shift()!;
  }
  for (const batch of waiting) yield await batch;
}
