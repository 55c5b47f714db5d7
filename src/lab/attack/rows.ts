/** Rows out of a block of numbers, and back into one. */

type Numbers = Float32Array | Int32Array | Float64Array;

/** The rows at these places, in this order, in memory of their own. */
export function gather<T extends Numbers>(block: T, places: ArrayLike<number>, width: number): T {
  const out = new (block.constructor as new (length: number) => T)(places.length * width);
  for (let i = 0; i < places.length; i++) {
    const from = places[i]! * width;
    out.set(block.subarray(from, from + width), i * width);
  }
  return out;
}

/** The rows at these places, for whoever only reads them: the block itself where they are all of its rows, in order. */
export const some = <T extends Numbers>(block: T, places: ArrayLike<number>, { of, width }: { of: number; width: number }): T =>
  places.length === of ? block : gather(block, places, width);

/** Puts rows at these places of a block. */
export function scatter<T extends Numbers>(block: T, places: ArrayLike<number>, rows: T, width: number): T {
  for (let i = 0; i < places.length; i++) block.set(rows.subarray(i * width, (i + 1) * width), places[i]! * width);
  return block;
}

/** Of rows held in a block the part that is still wanted: their numbers and their places in the block. */
export function keep(rows: Int32Array, wanted: Int32Array): Int32Array | undefined {
  if (rows.length === wanted.length) return undefined;
  const set = new Set(wanted);
  return Int32Array.from([...rows.keys()].filter((i) => set.has(rows[i]!)));
}

/** The first `real` classes of each row by falling score, the given label left out: the most promising ones to move to come first. */
export function rivals(
  scores: Float32Array,
  labels: Int32Array,
  { classes, real }: { readonly classes: number; readonly real: number },
): Int32Array {
  const out = new Int32Array(labels.length * (real - 1));
  for (const [row, label] of labels.entries()) {
    const order = Array.from({ length: real }, (_, k) => k).filter((k) => k !== label);
    order.sort((a, b) => scores[row * classes + b]! - scores[row * classes + a]! || a - b);
    out.set(order, row * (real - 1));
  }
  return out;
}

/** Each row repeated so many times in turn. */
export const repeated = (rows: Int32Array, times: number): Int32Array =>
  Int32Array.from({ length: rows.length * times }, (_, i) => rows[Math.floor(i / times)]!);
