/** Runs any attack on any target: one place for projection, best points, radii, budgets, cancellation, progress and going on later. */
import { checkThreat } from "./threat.ts";
import type { Threat } from "./threat.ts";
import { checkAttack, checkConfidence, checkData, paramsFor } from "./check-attack.ts";
import type { Attack } from "./define.ts";
import type { Budget } from "./ledger.ts";
import { playStep } from "./pass.ts";
import { resultOf } from "./report-result.ts";
import type { AttackResult, AttackState, Stopped } from "./result.ts";
import { begin, outOfBudget, planOf, startRun, stateOf } from "./run.ts";
import { stoppedBy } from "./stop.ts";
import type { AttackTarget } from "./target.ts";

/** Where a run stands. */
export interface AttackProgress {
  readonly attack: string;
  /** The part of the attack that is at work; the attack itself where it has none. */
  readonly part: string;
  readonly epsilon: number;
  /** Of the examples attacked now those that no wrong answer is known of. */
  readonly standing: number;
  readonly size: number;
  readonly queries: number;
  readonly gradients: number;
}

/** What is attacked, how, and how far. */
export interface AttackOptions {
  readonly target: AttackTarget;
  /** Examples, `target.rowSize` numbers each. */
  readonly x: Float32Array;
  /** The right class of each example. */
  readonly labels: Int32Array;
  readonly threat: Threat;
  /** Parameters of the attack; what is left out has its default. */
  readonly params?: unknown;
  /** Default 0. Equal seeds give equal results on one machine. */
  readonly seed?: number;
  readonly budget?: Budget;
  readonly signal?: AbortSignal;
  /** Attack every example at every radius, also those that fell at a smaller one: shows whether an attack grows with its radius. */
  readonly independent?: boolean;
  /**
   * How far the wrong class must lead, in logits, before an example is left alone; of the points within the radius the one with the largest lead
   * is kept, also when none leads so far. Default: the first wrong answer is enough and the nearest one is kept. What has to survive being
   * photographed, or another model, needs a lead. For attacks with the aim `radius` on targets that give scores.
   */
  readonly confidence?: number;
  /** Examples attacked together. Default: as many as take about a MiB, and 64 at least where they take no more than 64 MiB. */
  readonly batchSize?: number;
  readonly onProgress?: (progress: AttackProgress) => void;
  readonly resume?: AttackState;
}

/**
 * Runs an attack over all radii of a threat. Ends early with what was found when it is cancelled, runs out of budget or is refused.
 * @throws attack/bad-threat · attack/bad-params · attack/bad-data · attack/bad-constraint · attack/needs-more
 * @example
 * const result = await runAttack(pgd, { target, x, labels, threat: { norm: "linf", epsilons: [0.1], bounds: { low: 0, high: 1 } } });
 */
export async function runAttack<Params>(attack: Attack<Params>, options: AttackOptions): Promise<AttackResult> {
  const { target, x, labels, threat, seed = 0 } = options;
  const epsilons = checkThreat(threat, target.rowSize);
  const size = checkData(target, x, labels, threat);
  checkAttack(attack, target, threat);
  checkConfidence(attack, target, options.confidence);
  const params = paramsFor(attack, options.params);
  const run = startRun(attack, { options, epsilons, size, params, seed });
  let stopped: Stopped | undefined;
  try {
    await begin(run);
    for (const step of planOf(run)) await playStep(run, step);
  } catch (error) {
    stopped = stoppedBy(error, options.signal);
  }
  stopped ??= outOfBudget(run) ? { reason: "budget", message: "the budget of queries or gradients is used up" } : undefined;
  return resultOf(attack, { options, epsilons, params, seed, size, repair: run.repair, stopped, state: stateOf(run) });
}
