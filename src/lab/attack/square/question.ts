/** Several rounds of a search over square patches as one question to a model. */
import type { AskOptions } from "../target.ts";

/** Where a search is: the best points so far, a row for each example, and the loss there. */
export interface SquareState {
  readonly x: Float32Array;
  readonly lead: Float32Array;
}

/** Where patches lie and which way they go: for each row a number for each round, and of changes one for each channel as well. */
export interface SquarePatches {
  readonly top: Int32Array;
  readonly left: Int32Array;
  readonly change: Float32Array;
  /** Height and width of each round's patches. */
  readonly tall: Int32Array;
  readonly wide: Int32Array;
}

/** The patches, the box of each row, and the classes. */
export interface SquareFeed extends SquarePatches {
  readonly labels: Int32Array;
  readonly targets?: Int32Array | undefined;
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** What came of it, with the logits of every round; a row whose loss passed 0 stayed where that was. */
export interface SquareAnswer extends SquareState {
  readonly scores: Float32Array;
}

/** The question. Its loss is above 0 where the goal is reached. */
export type SquareQuestion = (
  loss: "margin" | "lead-targeted",
  from: SquareState,
  feed: SquareFeed,
  options?: AskOptions,
) => Promise<SquareAnswer>;
