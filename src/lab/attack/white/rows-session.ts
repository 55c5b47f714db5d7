/** A session that takes any number of rows: cut into runs of a good size, the last one filled up where the model insists on its batch. */
import { tensorOf } from "../../../model/onnx/index.ts";
import type { Tensor } from "../../../model/onnx/index.ts";
import type { Session } from "../../../model/runtime/index.ts";
import type { AskOptions } from "../target.ts";

/** One input: `width` numbers a row. Rows are views, nothing is copied here. */
export interface RowInput {
  readonly name: string;
  readonly data: Float32Array | Int32Array;
  readonly dims: readonly number[];
}

/** How rows are cut. */
export interface RowLimits {
  /** What is the same in every run, beside the rows. */
  readonly constants?: (() => Readonly<Record<string, Tensor>>) | undefined;
  /** Rows in one run. */
  readonly maxRows: number;
  /** Exactly so many rows in each run, where the model has no free batch. */
  readonly fixedRows?: number | undefined;
}

const widthOf = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/**
 * Runs a session over rows; gives each wanted float output as one array.
 * @throws runtime/… as {@link Session.run}
 */
export async function runRows(
  session: Session,
  inputs: readonly RowInput[],
  outputs: readonly string[],
  options: RowLimits & AskOptions & { readonly count: number },
): Promise<Float32Array[]> {
  const { count, fixedRows, signal } = options;
  const step = fixedRows ?? options.maxRows;
  const whole: Float32Array[] = [];
  for (let start = 0; start < count; start += step) {
    const rows = Math.min(step, count - start);
    const cut = inputs.map((input) => [input.name, chunk(input, { start, rows, total: fixedRows ?? rows })] as const);
    const feeds = { ...options.constants?.(), ...Object.fromEntries(cut) };
    const answer = await session.run(feeds, { outputs, ...(signal === undefined ? {} : { signal }) });
    for (const [i, name] of outputs.entries()) {
      const part = floats(answer[name]!, rows);
      if (rows === count) whole[i] = part;
      else (whole[i] ??= new Float32Array((part.length / rows) * count)).set(part, (part.length / rows) * start);
    }
  }
  return count === 0 ? outputs.map(() => new Float32Array()) : whole;
}

function chunk({ data, dims }: RowInput, { start, rows, total }: { start: number; rows: number; total: number }): Tensor {
  const width = widthOf(dims);
  const part = data.subarray(start * width, (start + rows) * width);
  const shape = [total, ...dims];
  if (data instanceof Int32Array) return tensorOf("int64", shape, filled(part, total * width));
  const whole = total === rows ? part : filled(part, total * width);
  return { type: "float32", dims: shape, data: new Uint8Array(whole.buffer, whole.byteOffset, whole.byteLength) };
}

/** The same numbers at the start of a longer array; repeated, because zeros may be no example and a class 0 may be. */
function filled<T extends Float32Array | Int32Array>(part: T, length: number): T {
  if (part.length === length) return part;
  const whole = new (part.constructor as new (length: number) => T)(length);
  for (let at = 0; at < length; at += part.length) whole.set(part.subarray(0, Math.min(part.length, length - at)), at);
  return whole;
}

function floats(tensor: Tensor, rows: number): Float32Array {
  const { data, dims } = tensor;
  const aligned = data.byteOffset % 4 === 0 ? data : data.slice();
  const all = new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
  return dims[0] === rows ? all : all.subarray(0, (all.length / (dims[0] ?? 1)) * rows);
}
