import type { ModelContract, TensorSpec } from "../../../model/onnx/index.ts";

/** Bounds of a free dimension, both ends included. */
export interface DimRange {
  readonly min: number;
  readonly max: number;
}

/** A model's contract as it is enforced: what the graph declares, tightened by the configuration. */
export interface GuardedContract extends ModelContract {
  /** Bounds of free dimensions, by the name that the graph gives them. */
  readonly dimRanges?: ReadonlyMap<string, DimRange>;
  /** Whether a free dimension other than the batch may be 0; off unless the configuration says so. */
  readonly allowEmpty?: boolean;
  /** An output that is not released: a request with a row above the threshold is refused. */
  readonly detector?: { readonly output: TensorSpec; readonly threshold: number };
}

/** A shape as people read it: `[batch,1,28,28]`, `?` for a dimension without name. */
export function writeDims(dims: readonly (number | string | null)[]): string {
  return `[${dims.map((dim) => dim ?? "?").join(",")}]`;
}
