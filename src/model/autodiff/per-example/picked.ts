/** Norms of what was added to rows of a table, without the table. */
import type { Ops } from "../ops/index.ts";
import type { Size, Value } from "../value.ts";
import type { Rows } from "./contribution.ts";

/** Whose gradient a position belongs to. */
interface Owners {
  /** For each example its owner, int64. */
  readonly owner: Value;
  readonly count: Size;
  /** Rows of the table. */
  readonly size: number;
}

/**
 * Σ over rows ‖Σ of an owner's positions that picked the row‖², for each owner. Positions are sorted by owner and row; those that agree are
 * added up, so that memory is that of the positions, however large the table.
 */
export function pickedSums(op: Ops, { index, g }: Rows, { owner, count, size }: Owners): Value {
  const [rows, places, width] = op.sizes(g);
  const positions = op.product(rows!, places!);
  const keys = op.reshape(op.add(op.mul(op.unsqueeze(owner, [1]), size), index), [positions]);
  const outputs = [[null], [null], keys.dims, [null]].map((dims) => ({ type: "int64" as const, dims }));
  const [different, , place] = op.emit({ op: "Unique", inputs: [keys], outputs, attributes: { sorted: 1 } });
  const sums = op.scatterND(
    op.full([op.size(different!, 0), width!], 0, g),
    op.unsqueeze(place!, [1]),
    op.reshape(g, [positions, width!]),
    "add",
  );
  const owners = op.unsqueeze(op.div(different!, size), [1]);
  return op.scatterND(op.full([count], 0, g), owners, op.sumSquare(sums, [1], false), "add");
}
