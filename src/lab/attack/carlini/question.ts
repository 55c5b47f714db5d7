/** Several steps of a descent in tanh space as one question to a model. */
import type { AskOptions, LossKind } from "../target.ts";

/** Where a descent in tanh space is: points as free numbers w, and what Adam remembers of each. A row for each example. */
export interface DescentState {
  readonly w: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

/** How points come of w, x = middle + half · tanh(w), one number each for every number of a row; and the bounds that rounding must not pass. */
export interface TanhBounds {
  readonly middle: Float32Array;
  readonly half: Float32Array;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** What a descent makes small: ‖x − origin‖² + c · max(0, κ − loss). */
export interface DescentFeed {
  readonly labels: Int32Array;
  readonly targets?: Int32Array | undefined;
  readonly origin: Float32Array;
  /** c of each row, and κ. */
  readonly constant: Float32Array;
  readonly confidence: number;
  readonly bounds: TanhBounds;
  /** Adam's rate at each step, its corrections for the beginning included. */
  readonly rates: Float32Array;
}

/** What came of it: for each row at each step its loss, ‖x − origin‖² and its logits; and its nearest point where the loss was above 0. */
export interface DescentAnswer extends DescentState {
  readonly losses: Float32Array;
  readonly far: Float32Array;
  readonly scores: Float32Array;
  readonly best: Float32Array;
}

/** The question. */
export type DescentQuestion = (
  loss: LossKind,
  from: DescentState,
  feed: DescentFeed,
  options?: AskOptions,
) => Promise<DescentAnswer>;
