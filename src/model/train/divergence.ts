/** Losses that grow without bound: such a training will not come back, long before its loss is no longer a number. */

/** How the loss has gone. */
export interface Trend {
  /** The lowest mean of the first steps; what nothing learnt yet costs. */
  readonly first: number;
  /** A running mean of the last ten steps or so. */
  readonly late: number;
}

const settling = 20;
const tooMuch = 20;

/** The trend after a step, counted from 0. */
export function nextTrend(trend: Trend | undefined, loss: number, step: number): Trend {
  if (trend === undefined) return { first: loss, late: loss };
  const late = 0.9 * trend.late + 0.1 * loss;
  return step < settling ? { first: Math.min(trend.first, late), late } : { first: trend.first, late };
}

/** Whether the loss is twenty times what it was at first, and large by itself: a model that was good may lose a little of it. */
export const isLost = ({ first, late }: Trend): boolean => late > tooMuch * Math.max(1, Math.abs(first));
