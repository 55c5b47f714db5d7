/** What is known of a value without running the graph. */
import type { Dim, TensorType, ValueType } from "../graph.ts";
import type { ElementType } from "../tensor.ts";

/**
 * Type, shape, and for small tensors what each element is: shapes travel through graphs as tensors, so an element may be a number or a
 * symbolic dimension. Booleans are 0 and 1.
 */
export interface Abstract {
  readonly type?: ValueType | undefined;
  /** Row-major; `null` where an element is not known. Only up to {@link maxElements}. */
  readonly elements?: readonly Dim[] | undefined;
  /** Members of a sequence whose length is known. */
  readonly items?: readonly Abstract[] | undefined;
  /** Depends on no input and no randomness: a runtime may compute it once, when the model is loaded. */
  readonly constant: boolean;
}

/** Elements are followed in tensors up to this size; shapes, axes, scales and small masks are far below it. */
export const maxElements = 256;

/** What a rule says of one output; the engine adds the rest. */
export interface Out {
  /** Left out: the operator's definition tells, as far as it can. */
  readonly elementType?: ElementType | undefined;
  /** Left out: not even the rank is known. */
  readonly dims?: readonly Dim[] | undefined;
  readonly elements?: readonly Dim[] | undefined;
  /** For outputs that are not tensors, instead of the above. */
  readonly type?: ValueType | undefined;
  readonly items?: readonly Abstract[] | undefined;
}

/** The type as a dense tensor's, undefined for others. */
export const asTensor = (value: Abstract | undefined): TensorType | undefined =>
  value?.type?.kind === "tensor" ? value.type : undefined;

/** The number of elements when every dimension is a number. */
export function staticCount(dims: readonly Dim[] | undefined): number | undefined {
  if (dims === undefined) return undefined;
  let count = 1;
  for (const dim of dims) {
    if (typeof dim !== "number") return undefined;
    count *= dim;
  }
  return count;
}
