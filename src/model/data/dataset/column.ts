/** A field's values for all examples, and how some of them are gathered into a tensor. */

import type { DataTensor } from "../tensor.ts";
import { widthOf } from "../tensor.ts";
import type { Field } from "./dataset.ts";

export interface Column {
  readonly field: Field;
  readonly rows: number;
  gather(rows: Uint32Array): DataTensor;
}

type Meaning = Pick<Field, "classes" | "columns">;

/** A tensor whose first dimension is the example. */
export function tensorColumn(name: string, tensor: DataTensor, meaning: Meaning = {}): Column {
  const [rows = 0, ...dims] = tensor.dims;
  const elements = dims.reduce((a, b) => a * b, 1);
  const field: Field = { name, type: tensor.type, dims, ...meaning };
  if (tensor.type === "string") {
    const strings = tensor.strings ?? [];
    const gather = (wanted: Uint32Array): DataTensor => ({
      type: "string",
      dims: [wanted.length, ...dims],
      data: new Uint8Array(0),
      strings: Array.from(wanted).flatMap((row) => strings.slice(row * elements, (row + 1) * elements)),
    });
    return { field, rows, gather };
  }
  const width = elements * widthOf(tensor.type);
  return {
    field,
    rows,
    gather(wanted) {
      const data = new Uint8Array(wanted.length * width);
      wanted.forEach((row, i) => data.set(tensor.data.subarray(row * width, (row + 1) * width), i * width));
      return { type: tensor.type, dims: [wanted.length, ...dims], data };
    },
  };
}

/**
 * Bytes that stand for floats: pixels of 0 … 255 stay bytes in memory and become `value / scale` only in a batch, a quarter of the
 * memory. The quotient is rounded once to float32, as PyTorch's `ToTensor` has it.
 *
 * @param dims of one example; the bytes' own when left out
 */
export function scaledColumn(name: string, tensor: DataTensor, options: { scale: number; dims?: readonly number[] }): Column {
  const [rows = 0, ...own] = tensor.dims;
  const dims = options.dims ?? own;
  const width = own.reduce((a, b) => a * b, 1);
  const table = Float32Array.from({ length: 256 }, (_, byte) => byte / options.scale);
  return {
    field: { name, type: "float32", dims },
    rows,
    gather(wanted) {
      const out = new Float32Array(wanted.length * width);
      let at = 0;
      for (const row of wanted) {
        const end = (row + 1) * width;
        for (let from = row * width; from < end; from++) out[at++] = table[tensor.data[from]!]!;
      }
      return { type: "float32", dims: [wanted.length, ...dims], data: new Uint8Array(out.buffer) };
    },
  };
}

/** Class numbers of one byte each as int64, which is what losses take. */
export function labelColumn(name: string, tensor: DataTensor, classes?: readonly string[]): Column {
  const labels = tensor.data;
  return {
    field: { name, type: "int64", dims: [], ...(classes === undefined ? {} : { classes }) },
    rows: labels.length,
    gather(wanted) {
      const out = BigInt64Array.from(wanted, (row) => BigInt(labels[row]!));
      return { type: "int64", dims: [wanted.length], data: new Uint8Array(out.buffer) };
    },
  };
}
