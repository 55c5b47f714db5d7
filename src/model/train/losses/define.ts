/** What a loss is: per-example losses written into a graph. */
import type { Dim, ElementType, GraphBuilder } from "../../onnx/index.ts";

/** Where a loss is written. Values are known by name. */
export interface LossSite {
  readonly b: GraphBuilder;
  /** Scores or numbers, batch first. */
  readonly output: string;
  /** Its dimensions; the batch is a number here. */
  readonly dims: readonly Dim[];
  readonly labels: string;
  readonly smoothing: number;
}

/** Labels as a loss takes them: class numbers [batch, …places], or values of the output's shape. */
export type LabelKind = "classes" | "values";

/** A loss. */
export interface Loss {
  readonly id: string;
  readonly title: string;
  readonly labels: LabelKind;
  /** The activation that the loss has inside: a model that ends in it is trained on what comes before. */
  readonly activation?: string;
  /** The loss of each example, [batch]. */
  write(site: LossSite): string;
}

/** Registers a loss. */
export const defineLoss = <const Definition extends Loss>(loss: Definition): Definition => loss;

/** The element type of labels. */
export const labelType = (kind: LabelKind): ElementType => (kind === "classes" ? "int64" : "float32");

/** Means over all axes but the first, where there are any. */
export function perExample(b: GraphBuilder, value: string, rank: number): string {
  if (rank <= 1) return value;
  const axes = Array.from({ length: rank - 1 }, (_, i) => i + 1);
  return b.op("ReduceMean", [value, b.ints(axes)], { keepdims: 0 });
}

/** Scores of the label's class, with an axis of size 1 where the classes were. */
export function chosen(b: GraphBuilder, scores: string, labels: string): string {
  return b.op("GatherElements", [scores, b.op("Unsqueeze", [labels, b.ints([1])])], { axis: 1 });
}

/** Without the axis of classes. */
export const withoutClasses = (b: GraphBuilder, value: string): string => b.op("Squeeze", [value, b.ints([1])]);
