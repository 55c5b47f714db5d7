/** Rows picked from a table, as embeddings are. */
import { axisOf } from "../../value.ts";
import type { Value } from "../../value.ts";
import { examplesFirst } from "../contribution.ts";
import { defineUse } from "../define.ts";

export const gather = defineUse("Gather", ({ xs, g, op, attrs, input, lane, laneOfInput, rows }) => {
  const [table, indices] = xs as [Value, Value];
  const picked = laneOfInput(1);
  if (input !== 0 || picked === undefined || op.rank(table) < 1 || axisOf(attrs.int("axis", 0), op.rank(table)) !== 0)
    return undefined;
  const index = examplesFirst(op, op.cast(op.fromFront(indices, op.size(table, 0)), "int64"), picked);
  const width = op.product(1, ...op.sizes(table).slice(1));
  const places = op.product(1, ...op.sizes(index).slice(1));
  return {
    as: {
      form: "rows",
      index: op.reshape(index, [rows, places]),
      g: op.reshape(examplesFirst(op, g, lane), [rows, places, width]),
    },
  };
});
