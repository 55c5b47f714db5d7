/** The ball of linf within bounds is a box: each number has a least and a most of its own. */
import type { Room } from "./ball.ts";
import { some } from "./rows.ts";

/** The box of each row. */
export interface Box {
  readonly low: Float32Array;
  readonly high: Float32Array;
}

/** The box around each row: what projection cuts it to, to the last bit. */
export function boxAround({ rowSize, low, high, costs }: Room, origin: Float32Array, epsilon: number): Box {
  const box = { low: new Float32Array(origin.length), high: new Float32Array(origin.length) };
  for (let at = 0; at < origin.length; at += rowSize) {
    for (let i = 0; i < rowSize; i++) {
      const from = origin[at + i]!;
      const [least, most] = [low[i]!, high[i]!];
      const radius = costs === undefined ? epsilon : epsilon / costs[i]!;
      const [down, up] = [from - radius, from + radius];
      box.low[at + i] = down < least ? least : down > most ? most : down;
      box.high[at + i] = up < least ? least : up > most ? most : up;
    }
  }
  return box;
}

/** Boxes around the rows of a batch, computed when some of them are first asked for. */
export function boxesAround(
  room: Room,
  batch: { readonly x: Float32Array; readonly size: number },
  epsilon: number,
): (rows: Int32Array) => Box {
  let all: Box | undefined;
  return (rows) => {
    all ??= boxAround(room, batch.x, epsilon);
    const shape = { of: batch.size, width: room.rowSize };
    return { low: some(all.low, rows, shape), high: some(all.high, rows, shape) };
  };
}
