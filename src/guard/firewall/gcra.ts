/**
 * The generic cell rate algorithm, as virtual scheduling: ATM Forum, Traffic Management 4.1 (af-tm-0121.000) §4.4.2, ITU-T I.371
 * annex A. The whole state of a bucket is one number, the theoretical arrival time (TAT): when it will be full again.
 *
 * One unit at `perSecond` takes I = 1000 / perSecond milliseconds to come back. A cost of n units at time t conforms when
 *
 *     max(TAT, t) + n·I ≤ t + burst·I        and then  TAT := max(TAT, t) + n·I.
 *
 * For n = 1 this is the standard's test with increment I and limit L = (burst − 1)·I; for n > 1 it is n cells at once, all or
 * none. Hence in any window of t seconds at most burst + perSecond·t units conform.
 */

/** INVARIANT: both are positive. */
export interface Rate {
  /** Units that come back in a second. */
  readonly perSecond: number;
  /** Units that a full bucket holds: the most that can be taken at once. */
  readonly burst: number;
}

/** Below this, a microsecond, a wait is rounding. It is a fixed tolerance and does not add up. */
const roundingMs = 1e-3;

/** Milliseconds until a cost conforms: 0 when it does now, Infinity when it is larger than the bucket. */
export function gcraWaitMs(tatMs: number, nowMs: number, { perSecond, burst }: Rate, amount: number): number {
  if (amount > burst) return Infinity;
  const waitMs = Math.max(tatMs, nowMs) - nowMs - ((burst - amount) * 1000) / perSecond;
  return waitMs > roundingMs ? waitMs : 0;
}

/** The TAT after the cost was taken, whether it conformed or not. */
export function gcraAdvance(tatMs: number, nowMs: number, { perSecond }: Rate, amount: number): number {
  return Math.max(tatMs, nowMs) + (amount * 1000) / perSecond;
}
