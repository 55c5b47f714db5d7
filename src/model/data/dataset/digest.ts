/**
 * What a model was trained on, as one digest. It hangs on names, types, shapes and values alone: the same examples out of a CSV, an
 * archive or a database, in batches of any size, have the same digest.
 *
 * A row is hashed as its fields in the order of their names, each as its little-endian bytes, text as 32-bit length and UTF-8. The
 * digest is SHA-256 over the canonical JSON of the fields, a zero byte, and the hashes of the rows: in their order, or sorted when
 * the order is not to count. Sorted hashes name a multiset as safely as SHA-256 names one row, where sums of hashes do not
 * (Wagner 2002, "A generalized birthday problem"); they take 32 bytes of memory for each example.
 */

import { canonicalJson, concatBytes, createSha256, equalBytes, formatDigest, sha256 } from "../../../base/crypto/index.ts";
import type { Sha256 } from "../../../base/crypto/index.ts";
import type { DataTensor } from "../tensor.ts";
import type { Dataset } from "./dataset.ts";

export interface DigestOptions {
  /** The same digest for the same examples in another order. */
  readonly anyOrder?: boolean;
  /** SHA-256; the portable one, or Node's (`nativeSha256`), about ten times faster. */
  readonly hash?: Sha256;
}

/**
 * `sha256:<64 hex>` of all examples.
 * @throws what the dataset's source throws
 * @example await digestOfData(dataset, { hash: nativeSha256 });
 */
export async function digestOfData(dataset: Dataset, options: DigestOptions = {}): Promise<string> {
  const { anyOrder = false, hash = sha256 } = options;
  const fields = dataset.fields.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const all = createSha256();
  const kind = { anyOrder, fields: fields.map(({ name, type, dims }) => ({ name, type, dims })) };
  all.update(new TextEncoder().encode(`${canonicalJson(kind)}\0`));
  const hashes: Uint8Array[] = [];
  for await (const { tensors, size } of dataset.batches({ size: 1024 })) {
    const rowOf = rowReader(fields.map(({ name }) => tensors[name]!));
    for (let row = 0; row < size; row++) {
      const own = hash(rowOf(row));
      if (anyOrder) hashes.push(own);
      else all.update(own);
    }
  }
  for (const own of hashes.sort(compare)) all.update(own);
  return formatDigest(all.digest());
}

/** The canonical bytes of a batch's rows, in a buffer that the next row may take over. */
function rowReader(tensors: readonly DataTensor[]): (row: number) => Uint8Array {
  const readers = tensors.map((tensor) => {
    const width = tensor.data.length / Math.max(tensor.dims[0] ?? 1, 1);
    if (tensor.strings !== undefined) return (row: number) => concatBytes(...textsOf(tensor, row));
    return (row: number) => tensor.data.subarray(row * width, (row + 1) * width);
  });
  return (row) => (readers.length === 1 ? readers[0]!(row) : concatBytes(...readers.map((read) => read(row))));
}

function textsOf({ strings = [], dims }: DataTensor, row: number): Uint8Array[] {
  const each = strings.length / Math.max(dims[0] ?? 1, 1);
  return strings.slice(row * each, (row + 1) * each).flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [new Uint8Array(Uint32Array.of(bytes.length).buffer), bytes];
  });
}

function compare(a: Uint8Array, b: Uint8Array): number {
  if (equalBytes(a, b)) return 0;
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return a[at]! - b[at]!;
}
