/** Pieces of graphs that tasks share. */
import type { GraphBuilder } from "../../../model/onnx/index.ts";

/** Values [N] as a column [N, 1]. */
export const column = (b: GraphBuilder, value: string): string => b.op("Unsqueeze", [value, b.ints([1])]);

/** Scores [N, 2]: 0 for "it holds", and by how much it does not. */
export function holdsOrNot(b: GraphBuilder, lead: string): string {
  const second = column(b, lead);
  return b.op("Concat", [b.op("Sub", [second, second]), second], { axis: 1 });
}

/** Sums of rows [N, P]. */
export const rowSum = (b: GraphBuilder, value: string): string => b.op("ReduceSum", [value, b.ints([1])], { keepdims: 0 });

export const asFloat = (b: GraphBuilder, value: string): string => b.op("Cast", [value], { to: 1 });

/**
 * By how much too many parts are lost: of the leads [N, P] of each row, above 0 where a part is lost, the largest one that may not be above 0 when
 * a share `hold` of the `counted` [N] parts must be kept. It is above 0 exactly when more are lost than may be.
 */
export function overShare(
  b: GraphBuilder,
  leads: string,
  { counted, hold, parts }: { readonly counted: string; readonly hold: number; readonly parts: number },
): string {
  // Shares are quotients of counts: a tenth of 100 may come out below 10.
  const spare = b.op("Add", [b.op("Mul", [counted, b.scalar("float32", 1 - hold)]), b.scalar("float32", 1e-3)]);
  const last = b.scalar("float32", parts - 1);
  const place = b.op("Cast", [b.op("Min", [b.op("Floor", [spare]), last])], { to: 7 });
  const [sorted] = b.call({ op: "TopK", inputs: [leads, b.ints([parts])], attributes: { axis: 1 }, outputs: 2 }) as [
    string,
    string,
  ];
  const chosen = b.op("GatherElements", [sorted, column(b, place)], { axis: 1 });
  return b.op("Squeeze", [chosen, b.ints([1])]);
}

/** What no comparison passes, for parts that do not count. */
export const never = -1e30;
