/** Servers with a detector refuse a whole request for one example that it flags: then each example is asked by itself. */
import { isModelkeepError } from "../../../base/error/index.ts";
import type { Rows } from "../target.ts";
import type { WireAnswer } from "./wire.ts";

export interface OneByOne {
  /** Rows in each request, where the model insists on its batch. */
  readonly fixed: number | undefined;
  /** Numbers in an answer to one example, and what stands for each where it was refused. */
  readonly width: number;
  readonly empty: number;
  /** Told of the first refusal. */
  readonly onRefused: () => void;
  /** Whether a row may be asked once more; see {@link AskOptions.again}. */
  readonly again: ((row: number) => boolean) | undefined;
}

/** Rows of one request; those behind the first `asked` only fill it up. */
export interface Part extends Rows {
  readonly asked?: number;
}

/** @throws what `ask` throws, but for a refusal of what was asked */
export async function askAround(
  rows: Part,
  { fixed = 1, width, empty, onRefused, again }: OneByOne,
  ask: (rows: Rows) => Promise<WireAnswer>,
): Promise<WireAnswer> {
  const whole = await answerTo(rows, ask);
  if (whole !== undefined) return whole;
  onRefused();
  const size = rows.x.length / rows.count;
  const values = new Float64Array(rows.count * width).fill(empty);
  const { asked = rows.count } = rows;
  const alone = asked === 1 ? 0 : asked;
  for (let row = 0; row < alone; row++) {
    if (again?.(row) === false) continue;
    const block = new Float32Array(fixed * size);
    for (let at = 0; at < block.length; at += size) block.set(rows.x.subarray(row * size, (row + 1) * size), at);
    const answer = await answerTo({ x: block, count: fixed }, ask);
    if (answer !== undefined) values.set(answer.values.subarray(0, width), row * width);
  }
  return { shape: [rows.count, width], values, whole: false };
}

async function answerTo(rows: Rows, ask: (rows: Rows) => Promise<WireAnswer>): Promise<WireAnswer | undefined> {
  try {
    return await ask(rows);
  } catch (error) {
    if (isModelkeepError(error) && error.code === "attack/input-refused") return undefined;
    throw error;
  }
}
