/** Squared norms of each example's gradient by one tensor, from the contributions of all its uses. */
import type { Dim } from "../../onnx/index.ts";
import type { Ops } from "../ops/index.ts";
import { range } from "../value.ts";
import type { Value } from "../value.ts";
import { multipliedOut } from "./contribution.ts";
import type { Contribution, Outer, Rows } from "./contribution.ts";
import { pickedSums } from "./picked.ts";
import { areApart, isSamePath } from "./path.ts";

/** ‖Σ contributions‖² for each example, a vector. They must be addable. */
export function squaredNorms(op: Ops, contributions: readonly Contribution[]): Value {
  return groupsOf(contributions)
    .map((group) => ofOneTensor(op, group))
    .reduce((a, b) => op.add(a, b));
}

/** Contributions to the same elements together. */
export function groupsOf(contributions: readonly Contribution[]): readonly (readonly Contribution[])[] {
  const groups: Contribution[][] = [];
  for (const contribution of contributions) {
    const group = groups.find(([first]) => isSamePath(first!.path, contribution.path));
    if (group === undefined) groups.push([contribution]);
    else group.push(contribution);
  }
  return groups;
}

/** Whether contributions belong to the same elements or to entirely different ones, so that {@link squaredNorms} can add them. */
export const areAddable = (contributions: readonly Contribution[]): boolean =>
  contributions.every((a, i) => contributions.slice(i + 1).every((b) => isSamePath(a.path, b.path) || areApart(a.path, b.path)));

function ofOneTensor(op: Ops, group: readonly Contribution[]): Value {
  const outers = group.flatMap(({ as }) => (as.form === "outer" ? [as] : []));
  const rows = group.flatMap(({ as }) => (as.form === "rows" ? [as] : []));
  const fit =
    outers.every((outer) => sameMatrix(outer, outers[0]!)) &&
    (outers.length === 0 || rows.length === 0 || isTable(outers[0]!, rows[0]!, group[0]!.dims?.[0]));
  const first = group[0]!.as;
  if (group.length === 1 && first.form === "whole") return squares(op, first.value);
  if (outers.length + rows.length < group.length || !fit)
    return squares(
      op,
      group.map((one) => multipliedOut(op, one)).reduce((a, b) => op.add(a, b)),
    );
  const outer = outers.length > 0 ? joined(op, outers) : undefined;
  const table = rows.length > 0 ? joinedRows(op, rows) : undefined;
  const size = group[0]!.dims?.[0];
  const parts = [
    outer && ofOuter(op, outer),
    table && ofRows(op, table, size),
    outer && table && op.mul(cross(op, outer, table), 2),
  ];
  return parts.filter((part) => part !== undefined).reduce((a, b) => op.add(a, b));
}

const sameMatrix = (a: Outer, b: Outer): boolean =>
  a.left.dims?.length === b.left.dims?.length &&
  [a.left.dims?.at(-1), a.right.dims?.at(-1)].join() === [b.left.dims?.at(-1), b.right.dims?.at(-1)].join();

/** Whether a matrix has a table's rows on the left. */
const isTable = ({ left, right }: Outer, { g }: Rows, size: Dim | undefined): boolean =>
  left.dims?.length === 3 && left.dims[2] === size && right.dims?.at(-1) === g.dims?.at(-1);

/** More outer products of the same matrix are more positions of one sum. */
const joined = (op: Ops, outers: readonly Outer[]): Outer => ({
  form: "outer",
  left: op.concat(
    outers.map(({ left }) => left),
    -2,
  ),
  right: op.concat(
    outers.map(({ right }) => right),
    -2,
  ),
});

const joinedRows = (op: Ops, rows: readonly Rows[]): Rows => ({
  form: "rows",
  index: op.concat(
    rows.map(({ index }) => index),
    1,
  ),
  g: op.concat(
    rows.map(({ g }) => g),
    1,
  ),
});

/** Sums of squares over all axes but the first. */
export const squares = (op: Ops, x: Value): Value =>
  op.rank(x) === 1 ? op.mul(x, x) : op.sumSquare(x, range(op.rank(x), 1), false);

/** ‖Σₜ lₜ ⊗ rₜ‖² = Σₜₛ (lₜ·lₛ)(rₜ·rₛ); for one position |l|²|r|². */
function ofOuter(op: Ops, { left, right }: Outer): Value {
  if (left.dims?.at(-2) === 1) {
    const [l, r] = [left, right].map((side) => op.sumSquare(side, [-1], false));
    return op.sum(op.mul(l!, r!), range(op.rank(l!), 1), false);
  }
  const [gramL, gramR] = [left, right].map((side) => op.matMul(side, op.matrixTranspose(side)));
  return dots(op, gramL!, gramR!);
}

const dots = (op: Ops, a: Value, b: Value): Value => op.sum(op.mul(a, b), range(op.rank(a), 1), false);

/** Positions that picked the same row add up: Σₜₛ [indexₜ = indexₛ] gₜ·gₛ; for many positions by sorting them. */
function ofRows(op: Ops, rows: Rows, size: Dim | undefined): Value {
  const { index, g } = rows;
  const places = g.dims?.[1];
  if ((typeof places !== "number" || places > 64) && typeof size === "number") {
    const examples = op.size(g, 0);
    return pickedSums(op, rows, { owner: op.count(examples), count: examples, size });
  }
  const same = op.mask(op.equal(op.unsqueeze(index, [2]), op.unsqueeze(index, [1])), g);
  return dots(op, same, op.matMul(g, op.matrixTranspose(g)));
}

/** Σₜₛ lₜ[indexₛ] rₜ·gₛ: a table that is also multiplied with, as an output layer tied to an embedding. */
function cross(op: Ops, { left, right }: Outer, { index, g }: Rows): Value {
  const [rows, places] = op.sizes(left);
  const at = op.expand(op.unsqueeze(index, [1]), [rows!, places!, op.size(index, 1)]);
  return dots(op, op.gatherElements(left, at, 2), op.matMul(right, op.matrixTranspose(g)));
}
