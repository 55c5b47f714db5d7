/** Many rows as several requests. */
import type { Rows } from "../target.ts";
import type { Part } from "./one-by-one.ts";
import type { WireAnswer } from "./wire.ts";

/** All rows in requests of a good size; a fixed batch is filled up with its first row. */
export async function inParts(
  { x, count }: Rows,
  { maxRows, fixed }: { readonly maxRows: number; readonly fixed: number | undefined },
  ask: (rows: Part, start: number) => Promise<WireAnswer>,
): Promise<Float64Array> {
  const rowSize = x.length / Math.max(count, 1);
  const parts: Float64Array[] = [];
  for (let start = 0; start < count; start += maxRows) {
    const rows = Math.min(maxRows, count - start);
    const part = new Float32Array((fixed ?? rows) * rowSize);
    for (let i = 0; i < part.length; i += rowSize) part.set(x.subarray(start * rowSize, (start + 1) * rowSize), i);
    part.set(x.subarray(start * rowSize, (start + rows) * rowSize));
    const { values } = await ask({ x: part, count: fixed ?? rows, asked: rows }, start);
    parts.push(values.subarray(0, (values.length / (fixed ?? rows)) * rows));
  }
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
