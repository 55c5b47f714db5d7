/** Rows of several requests as one batch, and back. A row is one index of dimension 0. */
import type { NamedTensor } from "./session.ts";

/** Allocates without clearing; a port, because only Node has such a thing. */
export type Allocate = (bytes: number) => Uint8Array;

/** One tensor per input, the requests' rows below each other in order. Memory is new. */
export function joinRows(requests: readonly (readonly NamedTensor[])[], allocate: Allocate): NamedTensor[] {
  const [first] = requests;
  return first!.map((model, input) => {
    const parts = requests.map((request) => request[input]!);
    const rows = parts.reduce((sum, part) => sum + part.dims[0]!, 0);
    const { name, type } = model;
    const dims = [rows, ...model.dims.slice(1)];
    if (type === "string") return { name, type, dims, data: empty, strings: parts.flatMap((part) => part.strings ?? []) };
    const data = allocate(parts.reduce((sum, part) => sum + part.data.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part.data, at);
      at += part.data.byteLength;
    }
    return { name, type, dims, data };
  });
}

/** The tensors in memory of their own. */
export function copyTensors(tensors: readonly NamedTensor[], allocate: Allocate): NamedTensor[] {
  return tensors.map((tensor) => {
    const data = allocate(tensor.data.byteLength);
    data.set(tensor.data);
    return Object.assign({}, tensor, { data });
  });
}

/**
 * Each request's rows out of a batch's outputs, or undefined when an output does not have one row for each input row.
 * INVARIANT: requests share no memory, so nobody finds a neighbour's answer behind his own.
 */
export function splitRows(outputs: readonly NamedTensor[], rowCounts: readonly number[]): NamedTensor[][] | undefined {
  const total = rowCounts.reduce((sum, rows) => sum + rows, 0);
  // Sub-byte types pack two rows into one byte.
  if (outputs.some(({ type, dims }) => dims[0] !== total || type === "int4" || type === "uint4")) return undefined;
  let start = 0;
  return rowCounts.map((rows) => {
    const from = start;
    start += rows;
    return outputs.map((output) => rowsOf(output, from, from + rows));
  });
}

/** Rows `from` up to `to` of a tensor, in memory of their own. */
export function rowsOf(tensor: NamedTensor, from: number, to: number): NamedTensor {
  const total = tensor.dims[0]!;
  const dims = [to - from, ...tensor.dims.slice(1)];
  if (tensor.strings !== undefined) {
    const perRow = tensor.strings.length / total;
    return { ...tensor, dims, strings: tensor.strings.slice(from * perRow, to * perRow) };
  }
  const rowBytes = tensor.data.byteLength / total;
  // A copy, also of a Buffer, whose slice() would be a view.
  return { ...tensor, dims, data: new Uint8Array(tensor.data.subarray(from * rowBytes, to * rowBytes)) };
}

const empty = new Uint8Array(0);
