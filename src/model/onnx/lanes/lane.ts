import type { Dim, Node } from "../graph.ts";

/** Where a value's rows are: along this axis, or nowhere. */
export type Lane = number | "free";

/** What a rule sees of a node. */
export interface RowView {
  readonly node: Node;
  /** Of the standard domain. */
  readonly opset: number;
  /** Lanes of the inputs; an input that is not given is free. */
  readonly lanes: readonly Lane[];
  /** The lane of the first input, when all others are free. */
  readonly only: number | undefined;
  /** Sizes of an input or output; undefined when not even the rank is known. */
  inputDims(index: number): readonly Dim[] | undefined;
  outputDims(index: number): readonly Dim[] | undefined;
  /** Numbers in a small constant input. */
  numbers(index: number): readonly number[] | undefined;
  int(name: string, fallback: number): number;
  ints(name: string): readonly number[] | undefined;
  text(name: string, fallback: string): string;
}

/** The lane of every output, one for all, or undefined when rows may mix. */
export type RowRule = (view: RowView) => Lane | readonly Lane[] | undefined;

/** The size of the rows' dimension, under a name that no model has. */
export const rowsSymbol = "modelkeep__rows";
