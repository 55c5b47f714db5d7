/** Experiments that an audit makes of an attack: it must grow with its radius, win without limits, and find what is known to be there. */
import { attacks, runAttack } from "../attack/index.ts";
import type { AttackTarget, Bounds, Norm, Room } from "../attack/index.ts";

/** Whether each example fell when each radius was tried by itself. */
export interface Curve {
  readonly norm: Norm;
  readonly epsilons: readonly number[];
  readonly examples: number;
  /** Share of examples that fell at a radius and stood at a larger one. */
  readonly lost: number;
  readonly robust: readonly number[];
}

/** An attack that may change everything. */
export interface Unbounded {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly examples: number;
  readonly robust: number;
}

/** How often an attack found what was planted (see `active/active-test.ts`). */
export interface ActiveTest {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly planted: number;
  readonly found: number;
  /** Found by random points in the ball, as many as the attack asked for. */
  readonly byChance: number;
}

export interface TrialOptions {
  readonly target: AttackTarget;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly bounds: Bounds;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
}

const signalOf = (signal: AbortSignal | undefined): { signal?: AbortSignal } => (signal === undefined ? {} : { signal });

/** PGD at each radius, none knowing of the others. */
export async function tryCurve(
  { target, x, labels, bounds, seed, signal }: TrialOptions,
  line: { norm: Norm; epsilons: readonly number[] },
): Promise<Curve> {
  const success: Uint8Array[] = [];
  for (const epsilon of line.epsilons) {
    const threat = { norm: line.norm, epsilons: [epsilon], bounds };
    const result = await runAttack(attacks.get("pgd"), {
      target,
      x,
      labels,
      threat,
      params: { steps: 20 },
      seed,
      ...signalOf(signal),
    });
    success.push(result.perEpsilon[0]!.success);
  }
  let lost = 0;
  for (let example = 0; example < labels.length; example++) {
    const first = success.findIndex((level) => level[example] === 1);
    if (first >= 0 && success.slice(first).some((level) => level[example] === 0)) lost++;
  }
  const robust = success.map((level) => 1 - level.reduce((sum, one) => sum + one, 0) / labels.length);
  return { ...line, examples: labels.length, lost: lost / labels.length, robust };
}

/** PGD over the whole range of the data: whatever a model is, an attacker who may change everything wins. */
export async function tryUnbounded({ target, x, labels, bounds, seed, signal }: TrialOptions, norm: Norm): Promise<Unbounded> {
  const width = spanOf(bounds);
  const epsilon = norm === "linf" ? width : norm === "l2" ? width * Math.sqrt(target.rowSize) : width * target.rowSize;
  const threat = { norm, epsilons: [epsilon], bounds };
  const params = { steps: 50, restarts: 2, loss: "margin" };
  const result = await runAttack(attacks.get("pgd"), { target, x, labels, threat, params, seed, ...signalOf(signal) });
  return { norm, epsilon, examples: labels.length, robust: result.perEpsilon[0]!.robust };
}

/** The widest range of one value. */
export function spanOf({ low, high }: Bounds): number {
  if (typeof low === "number" && typeof high === "number") return high - low;
  const length = typeof low === "number" ? (high as Float32Array).length : low.length;
  const at = (side: Bounds["low"], i: number): number => (typeof side === "number" ? side : side[i]!);
  return Array.from({ length }, (_, i) => at(high, i) - at(low, i)).reduce((most, span) => Math.max(most, span), 0);
}

/** The room of a norm within bounds. */
export function roomOf(norm: Room["norm"], { low, high }: Bounds, rowSize: number): Room {
  const expand = (side: Bounds["low"]): Float32Array => (typeof side === "number" ? new Float32Array(rowSize).fill(side) : side);
  return { norm, rowSize, low: expand(low), high: expand(high) };
}
