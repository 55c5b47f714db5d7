/** The examples of an epoch in their order, from any step on. */
import type { Batch, Dataset } from "../data/index.ts";
import { isIndexed, permutation } from "../data/index.ts";

/** Which part of which epoch. */
export interface Place {
  readonly batch: number;
  readonly seed: number;
  readonly epoch: number;
  /** Batches that are already done. */
  readonly from: number;
}

/** Batches of an epoch, shuffled by seed and epoch; the same ones after a resume. */
export async function* epochBatches(data: Dataset, { batch, seed, epoch, from }: Place): AsyncGenerator<Batch> {
  if (isIndexed(data)) {
    const order = permutation(data.size, { seed, epoch });
    for (let at = from * batch; at < data.size; at += batch) yield data.take(order.subarray(at, at + batch));
    return;
  }
  let skipped = 0;
  for await (const next of data.batches({ size: batch, shuffle: { seed, epoch } })) if (skipped++ >= from) yield next;
}
