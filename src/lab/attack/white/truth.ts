/** What is true of each example, told to a graph beside it, and what the graph measures by it. */
import { gather } from "../rows.ts";
import type { LossKind, Rows } from "../target.ts";
import type { RowInput } from "./rows-session.ts";

/** How a graph judges answers by what is true. */
export interface Judgement {
  /** The input that takes the truth of each row, and that of every example in order. */
  readonly truth: { readonly name: string; readonly dims: readonly number[]; readonly data: Float32Array };
  /** Values of the graph, a number for each row, that are climbed in place of the losses of logits. */
  readonly losses: Partial<Readonly<Record<LossKind, string>>>;
  /** Values of the graph, a number for each row, that are told to {@link Judgement.onFigures} at every question. */
  readonly figures?: readonly string[];
  onFigures?(examples: Int32Array | undefined, figures: readonly Float32Array[]): void;
}

/** The truth of these rows, as a graph takes it. */
export function truthRows(judgement: Judgement | undefined, { count, examples }: Omit<Rows, "x">): readonly RowInput[] {
  if (judgement === undefined) return [];
  const { name, dims, data } = judgement.truth;
  const width = dims.reduce((product, dim) => product * dim, 1);
  return [{ name, dims, data: examples === undefined ? data.subarray(0, count * width) : gather(data, examples, width) }];
}
