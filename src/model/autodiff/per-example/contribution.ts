/**
 * What one use of a parameter adds to each example's gradient, in the form in which the least has to be computed.
 *
 * A product of a parameter with T positions of an example has a gradient of T outer products: `outer` keeps the two factors and never
 * multiplies them out. Rows picked from a table have a gradient of few rows: `rows` keeps these. All others are tensors: `whole`.
 */
import type { Node } from "../../onnx/index.ts";
import type { Ops } from "../ops/index.ts";
import { range } from "../value.ts";
import type { Dims, Value } from "../value.ts";

/** Σₜ leftₜ ⊗ rightₜ: the tensor's elements in order, as a matrix [P, Q], or as [G, P, Q] where there are groups. */
export interface Outer {
  readonly form: "outer";
  /** [examples, T, P] or [examples, G, T, P] */
  readonly left: Value;
  /** [examples, T, Q] or [examples, G, T, Q] */
  readonly right: Value;
}

/** Row `index` of a table [V, D] has the gradient `g`, summed over all positions with this index. */
export interface Rows {
  readonly form: "rows";
  /** [examples, T], int64 and not negative. */
  readonly index: Value;
  /** [examples, T, D] */
  readonly g: Value;
}

/** The gradient itself: [examples, …], whose other axes in the order `perm` are the tensor's elements. */
export interface Whole {
  readonly form: "whole";
  readonly value: Value;
  /** Default: as they are. */
  readonly perm?: readonly number[];
}

/** A step from a tensor to what was made of it. */
export interface Step {
  readonly node: Node;
  readonly output: number;
  /** For a part cut out: its first and last place but one, by axis. */
  readonly cut?: ReadonlyMap<number, readonly [number, number]>;
  /** The contribution to the tensor before the step, multiplied out. */
  undone(contribution: Contribution): Contribution;
}

/** One summand of each example's gradient by a tensor. */
export interface Contribution {
  readonly as: Outer | Rows | Whole;
  /** Shape of the tensor that `as` is the gradient of. */
  readonly dims: Dims;
  /** Steps from that tensor down to the one that is asked about; empty when it is the same. */
  readonly path: readonly Step[];
}

/** A contribution multiplied out, [examples, …dims]. */
export function multipliedOut(op: Ops, { as, dims }: Contribution): Value {
  const rows = op.size(as.form === "outer" ? as.left : as.form === "rows" ? as.g : as.value, 0);
  const shape = [rows, ...op.sizes({ name: "", type: "float32", dims })];
  if (as.form === "outer") return op.reshape(op.matMul(op.matrixTranspose(as.left), as.right), shape);
  if (as.form === "rows") return scattered(op, as, shape[1] as number);
  const { value, perm } = as;
  return op.reshape(perm === undefined ? value : op.transpose(value, [0, ...perm.map((axis) => axis + 1)]), shape);
}

/** Tables [examples, V, D], each with one example's rows in their places. */
function scattered(op: Ops, { index, g }: Rows, size: number): Value {
  const [rows, places, width] = op.sizes(g);
  const example = op.expand(op.unsqueeze(op.count(rows!), [1]), [rows!, places!]);
  const at = op.concat([op.unsqueeze(example, [2]), op.unsqueeze(index, [2])], 2);
  return op.scatterND(op.full([rows!, size, width!], 0, g), at, g, "add");
}

/** The sum over the examples of a multiplied-out contribution, each by its factor; shaped as the tensor. */
export function weightedWhole(op: Ops, { as, like }: { readonly as: Whole; readonly like: Value }, factors: Value): Value {
  const [rows, ...others] = op.sizes(as.value);
  const flat = op.reshape(as.value, [rows!, op.product(...others)]);
  const summed = op.matMul(op.reshape(factors, [1, rows!]), flat);
  const shaped = as.perm === undefined ? summed : op.transpose(op.reshape(summed, others), as.perm);
  return op.reshapeLike(shaped, like);
}

/** `x` with its axis of examples first. */
export function examplesFirst(op: Ops, x: Value, lane: number): Value {
  return op.transpose(x, [lane, ...range(op.rank(x)).filter((axis) => axis !== lane)]);
}
