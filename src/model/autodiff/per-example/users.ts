/** Clipping by user: the sum over a user's examples is what must have a small norm (McMahan et al. 2018, arXiv:1710.06963). */
import type { Ops } from "../ops/index.ts";
import { range } from "../value.ts";
import type { Size, Value } from "../value.ts";
import { multipliedOut } from "./contribution.ts";
import type { Contribution, Outer } from "./contribution.ts";
import { groupsOf, squares } from "./norms.ts";
import { pickedSums } from "./picked.ts";

/** To whom the examples belong. */
export interface Users {
  /** The different users, ascending. */
  readonly ids: Value;
  /** For each example, the place of its user in `ids`. */
  readonly ofExample: Value;
  readonly count: Size;
}

/** The users of a batch, from one int64 for each example. */
export function usersOf(op: Ops, users: Value): Users {
  const outputs = [["users"], [null], users.dims, [null]].map((dims) => ({ type: "int64" as const, dims }));
  const [ids, , ofExample] = op.emit({ op: "Unique", inputs: [users], outputs, attributes: { sorted: 1 } });
  return { ids: ids!, ofExample: ofExample!, count: op.size(ids!, 0) };
}

/** ‖Σ over a user's examples‖² for each user. */
export function userNorms(op: Ops, contributions: readonly Contribution[], users: Users): Value {
  const parts = groupsOf(contributions).map((group) => ofOneTensor(op, group, users));
  return parts.reduce((a, b) => op.add(a, b));
}

function ofOneTensor(op: Ops, group: readonly Contribution[], users: Users): Value {
  const [{ as, dims }] = group as [Contribution];
  if (group.length === 1 && as.form === "rows" && typeof dims?.[0] === "number")
    return pickedSums(op, as, { owner: users.ofExample, count: users.count, size: dims[0] });
  if (group.length === 1 && as.form === "outer" && isPairwise(as)) return byPairs(op, as, users);
  const [first, ...others] = group.map((one) => multipliedOut(op, one));
  const value = others.reduce((a, b) => op.add(a, b), first!);
  return squares(op, summedByUser(op, value, users));
}

/** Rows of the same user added up. */
export function summedByUser(op: Ops, value: Value, { ofExample, count }: Users): Value {
  const [, ...others] = op.sizes(value);
  return op.scatterND(op.full([count, ...others], 0, value), op.unsqueeze(ofExample, [1]), value, "add");
}

/** One position and a large matrix: a number for each pair of examples is less than a matrix for each example. */
const isPairwise = ({ left, right }: Outer): boolean => {
  const [p, q] = [left.dims?.at(-1), right.dims?.at(-1)];
  return left.dims?.length === 3 && left.dims[1] === 1 && typeof p === "number" && typeof q === "number" && p * q > 4096;
};

/** Σᵢⱼ of the same user (lᵢ·lⱼ)(rᵢ·rⱼ) */
function byPairs(op: Ops, { left, right }: Outer, users: Users): Value {
  const [l, r] = [left, right].map((side) => op.squeeze(side, [1]));
  const pairs = op.mul(op.gemm(l!, l!, { transB: true }), op.gemm(r!, r!, { transB: true }));
  const { ofExample } = users;
  const same = op.mask(op.equal(op.unsqueeze(ofExample, [1]), op.unsqueeze(ofExample, [0])), left);
  return summedByUser(op, op.sum(op.mul(pairs, same), range(2, 1), false), users);
}
