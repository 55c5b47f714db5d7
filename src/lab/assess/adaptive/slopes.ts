/** Sums of slopes from points nearby, of a surface that may jump between them. */

/** A slope so many times as steep as a row's median is a jump that was met by chance: it does not speak for the points around it. */
const steepest = 4;
/** Values of a row by which its median is judged. */
const judged = 128;

/**
 * Adds the slopes of several copies of a batch to their sum. A value that is no number says nothing about a direction. With `clip` no value counts
 * for more than four of its row's median: a mean over points on a surface of steep jumps would be the slope of one jump.
 */
export function addSlopes(
  sum: Float32Array,
  slopes: Float32Array,
  { rowSize, clip }: { readonly rowSize: number; readonly clip: boolean },
): void {
  for (let at = 0; at < slopes.length; at += rowSize) {
    const row = slopes.subarray(at, at + rowSize);
    const most = clip ? steepest * typical(row) : Infinity;
    const to = at % sum.length;
    for (let i = 0; i < rowSize; i++) {
      const slope = row[i]!;
      if (Number.isFinite(slope)) sum[to + i]! += Math.min(most, Math.max(-most, slope));
    }
  }
}

/** The median of the sizes that are not zero; infinite where there is none. */
function typical(row: Float32Array): number {
  const stride = Math.max(1, Math.floor(row.length / judged));
  const sizes: number[] = [];
  for (let i = 0; i < row.length; i += stride) {
    const size = Math.abs(row[i]!);
    if (size > 0 && size < Infinity) sizes.push(size);
  }
  return sizes.length === 0 ? Infinity : sizes.sort((a, b) => a - b)[sizes.length >> 1]!;
}
