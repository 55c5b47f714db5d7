/** Runs any attack on any target: one place for projection, best points, radii, budgets, cancellation, progress and going on later. */
import { createSeeded } from "../../base/math/index.ts";
import { expand, checkThreat } from "./threat.ts";
import type { Threat } from "./threat.ts";
import { checkExamples, createRepair } from "./constraints/repair.ts";
import type { Attack } from "./define.ts";
import { recordEvidence } from "./evidence.ts";
import type { EvidenceRecorder } from "./evidence.ts";
import { createJudge, emptyFindings, mergeFindings } from "./judge.ts";
import type { Findings } from "./judge.ts";
import { createLedger } from "./ledger.ts";
import type { Budget, Ledger } from "./ledger.ts";
import { checkAttack, checkData, paramsFor } from "./check-attack.ts";
import { createContext } from "./play.ts";
import { resultOf, withinRadius } from "./report-result.ts";
import type { AttackResult, AttackState, PassRecord, Stopped } from "./result.ts";
import { gather } from "./rows.ts";
import { Stop, stoppedBy } from "./stop.ts";
import type { AttackTarget } from "./target.ts";
import type { Repair } from "./constraints/repair.ts";

/** Where a run stands. */
export interface AttackProgress {
  readonly attack: string;
  readonly epsilon: number;
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
  /** Examples attacked together. Default: as many as take 64 MiB. */
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
  const params = paramsFor(attack, options.params);
  const run = startRun(attack, { options, epsilons, size, params, seed });
  try {
    await run.begin();
    for (const step of run.plan()) await run.play(step);
  } catch (error) {
    run.stop(stoppedBy(error, options.signal));
  }
  return run.result();
}

interface RunFacts<Params> {
  readonly options: AttackOptions;
  readonly epsilons: readonly number[];
  readonly size: number;
  readonly params: Params;
  readonly seed: number;
}

interface Step {
  readonly index: number;
  readonly epsilon: number;
  readonly from: number;
  readonly to: number;
}

interface Pass {
  readonly examples: Int32Array;
  readonly evidence: EvidenceRecorder;
  readonly own: Findings;
}

function startRun<Params>(attack: Attack<Params>, { options, epsilons, size, params, seed }: RunFacts<Params>) {
  const { target, x, labels, threat, resume } = options;
  const { rowSize } = target;
  const goal = threat.goal ?? { kind: "untargeted" };
  const targets = goal.kind === "targeted" ? goal.targets : undefined;
  const repair = repairFor(threat, rowSize);
  checkExamples(repair, x, size);
  const findings = resume?.findings ?? emptyFindings(x, size);
  const original = { room: repair.room, x, labels, targets };
  const ledger = createLedger(size, options.budget ?? {}, resume?.counts);
  const passes: PassRecord[] = [...(resume?.perEpsilon ?? [])];
  const deadline = performance.now() + (options.budget?.timeMs ?? Infinity);
  let clean = resume?.clean;
  let done = resume?.done ?? 0;
  let stopped: Stopped | undefined;

  const check = (): void => {
    if (options.signal?.aborted === true) throw new Stop("cancelled", "the run was cancelled");
    if (performance.now() > deadline) throw new Stop("time", "the time for this run is over");
  };

  /** Examples that are wrong to begin with need no attack; finding that out is an answer of the model as well. */
  async function begin(): Promise<void> {
    if (clean !== undefined) return;
    check();
    const everyone = Int32Array.from({ length: size }, (_, i) => i);
    const allowed = ledger.spend("queries", everyone);
    const asked = everyone.filter((i) => allowed[i] === 1);
    const found = await target.decide({ x: gather(x, asked, rowSize), count: asked.length }, { signal: options.signal });
    const right = new Uint8Array(size);
    const judge = createJudge(original, findings);
    for (const [i, example] of asked.entries()) {
      right[example] = found[i] === labels[example] ? 1 : 0;
      judge.see(example, { label: found[i]!, x, at: example * rowSize, part: "clean" });
    }
    clean = right;
  }

  function plan(): readonly Step[] {
    const batchSize = options.batchSize ?? Math.max(1, Math.floor(2 ** 24 / rowSize));
    const radii = attack.aim === "distance" ? [epsilons.at(-1)!] : epsilons;
    const steps = radii.flatMap((epsilon) =>
      Array.from({ length: Math.ceil(size / batchSize) }, (_, i) => ({
        epsilon,
        from: i * batchSize,
        to: Math.min(size, (i + 1) * batchSize),
      })),
    );
    return steps.map((step, index) => ({ ...step, index })).slice(done);
  }

  async function play(step: Step): Promise<void> {
    const began = { at: performance.now(), queries: ledger.totalQueries, gradients: ledger.totalGradients };
    const examples = examplesOf(step);
    const evidence = recordEvidence(size, rowSize);
    // An independent pass must find its own wrong answers; what it finds counts for the run all the same.
    const own = options.independent === true ? emptyFindings(x, size) : findings;
    try {
      if (examples.length > 0) await attackBatch(step, { examples, evidence, own });
      done = step.index + 1;
    } finally {
      const [attempted, broken] = [new Uint8Array(size), new Uint8Array(size)];
      const within = withinRadius(repair.room, step.epsilon);
      for (const example of examples) {
        attempted[example] = 1;
        broken[example] = within(own.distance[example]!) ? 1 : 0;
      }
      if (own !== findings) mergeFindings(findings, own, rowSize);
      passes.push({
        epsilon: step.epsilon,
        attempted,
        broken,
        queries: ledger.totalQueries - began.queries,
        gradients: ledger.totalGradients - began.gradients,
        milliseconds: performance.now() - began.at,
        trace: evidence.trace(),
        restarts: evidence.restarts,
        zeroGradients: evidence.zeroGradients,
        nonFiniteGradients: evidence.nonFiniteGradients,
      });
    }
  }

  /** Those answered rightly that have not fallen at a smaller radius. */
  function examplesOf({ epsilon, from, to }: Step): Int32Array {
    const reached = withinRadius(repair.room, epsilon);
    const wanted: number[] = [];
    for (let example = from; example < to; example++) {
      const open = options.independent === true || attack.aim === "distance" || !reached(findings.distance[example]!);
      if (clean![example] === 1 && open && !ledger.exhausted(example)) wanted.push(example);
    }
    return Int32Array.from(wanted);
  }

  async function attackBatch(step: Step, { examples, evidence, own }: Pass): Promise<void> {
    const judge = createJudge(original, own);
    const context = createContext<Params>(
      {
        target,
        batch: {
          size: examples.length,
          x: gather(x, examples, rowSize),
          labels: gather(labels, examples, 1),
          targets: targets && gather(targets, examples, 1),
        },
        examples,
        repair,
        radius: attack.aim === "distance" ? Infinity : step.epsilon,
        epsilon: step.epsilon,
        fallen: fallenAt(step, own),
        judge,
        ledger,
        evidence,
        rng: createSeeded(seed, step.index),
        signal: options.signal,
        check,
      },
      attack.id,
      params,
    );
    for await (const candidates of attack.run(context)) {
      check();
      if (candidates !== undefined)
        await context[target.scores === undefined ? "decide" : "scores"](candidates.rows, candidates.x);
      report(step, context.standing().length, ledger);
      if (context.standing().length === 0) break;
    }
  }

  /** At a fixed radius one wrong answer is enough. */
  function fallenAt({ epsilon }: Step, { distance }: Findings): (example: number) => boolean {
    if (attack.aim === "distance") return () => false;
    const reached = withinRadius(repair.room, epsilon);
    return (example) => reached(distance[example]!);
  }

  function report({ epsilon }: Step, standing: number, counts: Ledger): void {
    options.onProgress?.({
      attack: attack.id,
      epsilon,
      standing,
      size,
      queries: counts.totalQueries,
      gradients: counts.totalGradients,
    });
  }

  return {
    begin,
    plan,
    play,
    stop: (reason: Stopped) => (stopped = reason),
    result: (): AttackResult =>
      resultOf(attack, {
        options,
        epsilons,
        params,
        seed,
        size,
        repair,
        stopped: stopped ?? (outOfBudget(ledger, size) ? budgetGone : undefined),
        state: {
          attack: attack.id,
          seed,
          size,
          done,
          clean,
          findings,
          counts: { queries: ledger.queries, gradients: ledger.gradients },
          perEpsilon: passes,
        },
      }),
  };
}

const budgetGone: Stopped = { reason: "budget", message: "the budget of queries or gradients is used up" };

const outOfBudget = (ledger: Ledger, size: number): boolean => {
  for (let example = 0; example < size; example++) if (ledger.exhausted(example)) return true;
  return false;
};

function repairFor(threat: Threat, rowSize: number): Repair {
  const { norm, bounds, constraints } = threat;
  return createRepair({ norm, rowSize, low: expand(bounds.low, rowSize), high: expand(bounds.high, rowSize) }, constraints);
}
