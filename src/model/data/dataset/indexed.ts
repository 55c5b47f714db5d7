/** Datasets in memory. */

import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { createSeeded, shuffle } from "../../../base/math/index.ts";
import { badOption, malformed, place } from "../refuse.ts";
import type { Column } from "./column.ts";
import type { Batch, BatchOptions, IndexedDataset } from "./dataset.ts";

/**
 * A dataset of columns with equally many rows.
 *
 * @throws data/malformed when they have not, data/unknown-name when the target is none of them
 * @example
 * const digits = createDataset("digits", [tensorColumn("x", x), tensorColumn("y", y)], "y");
 * for await (const { tensors } of digits.batches({ size: 64, shuffle: { seed: 1 } })) step(tensors);
 */
export function createDataset(name: string, columns: readonly Column[], target?: string): IndexedDataset {
  const size = columns[0]?.rows ?? 0;
  for (const { field, rows } of columns) {
    if (rows !== size) {
      const what = `field ${quote(field.name)} has ${rows} examples, ${quote(columns[0]!.field.name)} has ${size}`;
      throw malformed(name, what, { hint: "each field needs one row for each example" });
    }
  }
  if (size > 2 ** 32) throw malformed(name, "more than 2^32 examples", { hint: "split the data" });
  checkTarget(
    name,
    columns.map(({ field }) => field.name),
    target,
  );
  return view({ name, columns, target }, undefined, size);
}

/** @throws data/unknown-name */
export function checkTarget(name: string, fields: readonly string[], target: string | undefined): void {
  if (target === undefined || fields.includes(target)) return;
  const near = nearest(target, fields);
  throw new ModelkeepError("data/unknown-name", {
    message: `${place(name)}: it has no ${quote(target)} to learn`,
    hint:
      near === undefined
        ? `it has ${fields
            .slice(0, 12)
            .map((field) => quote(field))
            .join(", ")}`
        : `did you mean ${quote(near)}?`,
    status: 400,
  });
}

interface Whole {
  readonly name: string;
  readonly columns: readonly Column[];
  readonly target: string | undefined;
}

/** Some rows of the whole; undefined means all, in their order. */
function view(whole: Whole, chosen: Uint32Array | undefined, size: number): IndexedDataset {
  const { name, columns, target } = whole;
  const take = (rows: Uint32Array, fields?: readonly string[]): Batch => {
    const wrong = rows.find((row) => row >= size);
    if (wrong !== undefined) throw badOption(`row ${wrong} of ${size}`, "rows are counted from 0");
    const real = chosen === undefined ? rows : rows.map((row) => chosen[row]!);
    const wanted = fields === undefined ? columns : columns.filter(({ field }) => fields.includes(field.name));
    const tensors = Object.fromEntries(wanted.map((column) => [column.field.name, column.gather(real)]));
    return { size: rows.length, tensors, rows: real };
  };
  return {
    name,
    fields: columns.map(({ field }) => field),
    ...(target === undefined ? {} : { target }),
    size,
    take,
    select: (rows) => {
      const wrong = rows.find((row) => row >= size);
      if (wrong !== undefined) throw badOption(`row ${wrong} of ${size}`, "rows are counted from 0");
      return view(whole, chosen === undefined ? rows.slice() : rows.map((row) => chosen[row]!), rows.length);
    },
    batches: (options) => batchesOf(size, take, options),
  };
}

async function* batchesOf(size: number, take: (rows: Uint32Array) => Batch, options: BatchOptions): AsyncGenerator<Batch> {
  checkBatchSize(options.size);
  const order = options.shuffle === undefined ? countUp(size) : permutation(size, options.shuffle);
  for (let at = 0; at < size; at += options.size) {
    options.signal?.throwIfAborted();
    const rows = order.subarray(at, at + options.size);
    if (rows.length < options.size && options.dropLast === true) return;
    yield take(rows);
  }
}

/** @throws data/bad-option */
export function checkBatchSize(size: number): void {
  if (!Number.isSafeInteger(size) || size < 1) throw badOption(`a batch of ${size} examples`, "a batch has at least one example");
}

/** 0, 1, … `size` − 1. */
export function countUp(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/** Every row once, in the order that a seed and an epoch give on every machine. */
export function permutation(size: number, { seed, epoch = 0 }: { seed: number; epoch?: number }): Uint32Array {
  return shuffle(countUp(size), createSeeded(seed, epoch));
}
