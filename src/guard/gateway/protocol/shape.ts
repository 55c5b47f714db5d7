/** Shapes from outside: no arithmetic on them may overflow, whatever their zeros hide. */
import { quote } from "../../../base/error/index.ts";
import type { JsonCursor } from "./json-cursor.ts";
import type { ProtocolLimits } from "./limits.ts";
import { refuse } from "./refuse.ts";

/** Reads the `shape` of an input: whole, non-negative dimensions, within the limits of rank and elements. */
export function readShape(cursor: JsonCursor, limits: ProtocolLimits, label: () => string): readonly number[] {
  const dims: number[] = [];
  // The product leaves zeros out: [0, 2^32, 2^32] has no elements, but whoever multiplies it left to right overflows.
  let product = 1;
  cursor.array((axis) => {
    if (axis === limits.maxRank) {
      throw refuse(
        "gateway/bad-shape",
        `the shape of ${label()} has more than ${limits.maxRank} dimensions`,
        "reshape the tensor; `gateway.maxRank` sets the limit",
      );
    }
    const dim = readDimension(cursor, label);
    product *= Math.max(dim, 1);
    if (product > limits.maxTensorElements) {
      throw refuse(
        "gateway/tensor-too-large",
        `the shape of ${label()} stands for more than ${limits.maxTensorElements} elements`,
        "send fewer rows in one request; `gateway.maxTensorElements` sets the limit",
        413,
      );
    }
    dims.push(dim);
  });
  return dims;
}

function readDimension(cursor: JsonCursor, label: () => string): number {
  const dim = cursor.number();
  if (cursor.integer && dim >= 0 && dim <= Number.MAX_SAFE_INTEGER) return dim;
  const text = cursor.text.slice(cursor.start, cursor.at);
  const hint =
    dim < 0
      ? "-1 stands for any size in metadata only: send the size that this tensor has"
      : "send whole numbers, one size for each dimension";
  throw refuse("gateway/bad-shape", `the shape of ${label()} has a dimension of ${quote(text)}`, hint);
}
