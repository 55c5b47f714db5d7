/** What every source of examples becomes: named fields, read in batches. */

import type { DataTensor, DataType } from "../tensor.ts";

/** One named part of each example. */
export interface Field {
  readonly name: string;
  readonly type: DataType;
  /** Of one example, without the batch. */
  readonly dims: readonly number[];
  /** What the numbers of a category mean: class 0 is `classes[0]`. */
  readonly classes?: readonly string[];
  /** What each number of a vector stands for, for example `age` or `colour=red`. */
  readonly columns?: readonly string[];
}

/** Some examples: one tensor a field, with the batch as first dimension. */
export interface Batch {
  readonly size: number;
  readonly tensors: Readonly<Record<string, DataTensor>>;
  /** Which examples of the data these are, counted from 0 in the order of the source. */
  readonly rows: Uint32Array;
}

export interface BatchOptions {
  /** Examples a batch; the last one may be smaller. */
  readonly size: number;
  /** Another order for each epoch, the same on every machine; without it the order of the source. */
  readonly shuffle?: { readonly seed: number; readonly epoch?: number };
  /** Leaves a last batch away that is smaller than `size`. */
  readonly dropLast?: boolean;
  readonly signal?: AbortSignal;
}

export interface Dataset {
  /** How messages and records name it. */
  readonly name: string;
  readonly fields: readonly Field[];
  /** The field that a model is to learn, if one is named. */
  readonly target?: string;
  /** How many examples there are; undefined for a stream that has not been counted. */
  readonly size: number | undefined;
  /** @throws data/bad-option, and what the source's format throws */
  batches(options: BatchOptions): AsyncIterable<Batch>;
}

/** A dataset in memory: any example at any time. */
export interface IndexedDataset extends Dataset {
  readonly size: number;
  /** The examples of these rows, in this order; rows may repeat. With `fields`, only those parts of them. */
  take(rows: Uint32Array, fields?: readonly string[]): Batch;
  /** Only these rows, in this order, as a dataset; nothing is copied. */
  select(rows: Uint32Array): IndexedDataset;
}

/** Whether examples can be taken in any order. */
export const isIndexed = (dataset: Dataset): dataset is IndexedDataset => "take" in dataset;
