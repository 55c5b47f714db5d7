/** Many questions about one batch in few runs: the batch stands several times in each. */
import type { LossFeed, Rows } from "../../attack/index.ts";

/** Copies of a batch in one run. More would not be faster, and take memory. */
const most = 16;

export interface Copies {
  /** How many copies the next run takes, of so many questions that are left. */
  of(left: number): number;
  /**
   * Whether a row and its copy got one answer: the model draws once for all rows of a run. From then on each run is one question, and this one
   * counts for nothing.
   */
  areOne(scores: Float32Array, copies: number, rows: number): boolean;
}

/** Copies for questions to a random model, whose chance may or may not differ from row to row. */
export function createCopies(): Copies {
  let limit = most;
  return {
    of: (left) => Math.min(limit, left),
    areOne(scores, copies, rows) {
      if (copies < 2) return false;
      const classes = scores.length / (copies * rows);
      const same = (row: number): boolean =>
        scores.subarray(row * classes, (row + 1) * classes).every((value, k) => value === scores[(rows + row) * classes + k]);
      if (!Array.from({ length: rows }, (_, row) => row).some(same)) return false;
      limit = 1;
      return true;
    },
  };
}

/** The values, so many times one after another. */
export function repeated<T extends Float32Array | Int32Array>(values: T, copies: number): T {
  const length = values.length * copies;
  const all = (values instanceof Int32Array ? new Int32Array(length) : new Float32Array(length)) as T;
  for (let copy = 0; copy < copies; copy++) all.set(values, copy * values.length);
  return all;
}

/** A batch so many times; each copy of a row is of that row's example. */
export const repeatedRows = ({ x, count, examples }: Rows, copies: number): Rows => ({
  x: repeated(x, copies),
  count: count * copies,
  examples: repeated(examples ?? Int32Array.from({ length: count }, (_, row) => row), copies),
});

/** What is asked of each row, for each copy of it. */
export const repeatedFeed = ({ labels, targets, weights }: LossFeed, copies: number): LossFeed => ({
  labels: repeated(labels, copies),
  targets: targets && repeated(targets, copies),
  weights: weights && repeated(weights, copies),
});
