/** A run of one attack over all radii: what it stands on, what it has found, and which steps are left. */
import { checkExamples, createRepair } from "./constraints/repair.ts";
import type { Repair } from "./constraints/repair.ts";
import type { Attack } from "./define.ts";
import { createJudge, emptyFindings } from "./judge.ts";
import type { Findings, Original } from "./judge.ts";
import { createLedger } from "./ledger.ts";
import type { Ledger } from "./ledger.ts";
import type { AttackState, PassRecord } from "./result.ts";
import { gather } from "./rows.ts";
import type { AttackOptions } from "./run-attack.ts";
import { Stop } from "./stop.ts";
import { expand } from "./threat.ts";
import type { Threat } from "./threat.ts";

/** A run. What changes while it goes on is `clean`, `done` and what its parts collect. */
export interface Run<Params> {
  readonly attack: Attack<Params>;
  readonly options: AttackOptions;
  readonly epsilons: readonly number[];
  readonly size: number;
  readonly params: Params;
  readonly seed: number;
  readonly repair: Repair;
  readonly original: Original;
  readonly findings: Findings;
  readonly ledger: Ledger;
  readonly passes: PassRecord[];
  /** For each example 1 when the model is right about it; undefined until it was asked. */
  clean: Uint8Array | undefined;
  /** Steps of the plan that are done. */
  done: number;
  /** Throws when the run has to stop. */
  check(): void;
}

/** A radius and a batch: the unit in which a run goes on later. */
export interface Step {
  readonly index: number;
  readonly epsilon: number;
  readonly from: number;
  readonly to: number;
}

/** What a run is started with. */
export interface RunFacts<Params> {
  readonly options: AttackOptions;
  readonly epsilons: readonly number[];
  readonly size: number;
  readonly params: Params;
  readonly seed: number;
}

/** A run that begins, or goes on where another stopped. @throws attack/bad-constraint */
export function startRun<Params>(attack: Attack<Params>, facts: RunFacts<Params>): Run<Params> {
  const { options, size } = facts;
  const { target, x, labels, threat, resume, signal } = options;
  const goal = threat.goal ?? { kind: "untargeted" };
  const repair = repairFor(threat, target.rowSize);
  checkExamples(repair, x, size);
  const deadline = performance.now() + (options.budget?.timeMs ?? Infinity);
  return {
    attack,
    ...facts,
    repair,
    original: {
      room: repair.room,
      x,
      labels,
      targets: goal.kind === "targeted" ? goal.targets : undefined,
      refusal: target.refusal,
    },
    findings: resume?.findings ?? emptyFindings(x, size),
    ledger: createLedger(size, options.budget ?? {}, resume?.counts),
    passes: [...(resume?.perEpsilon ?? [])],
    clean: resume?.clean,
    done: resume?.done ?? 0,
    check() {
      if (signal?.aborted === true) throw new Stop("cancelled", "the run was cancelled");
      if (performance.now() > deadline) throw new Stop("time", "the time for this run is over");
    },
  };
}

/** Examples that are wrong to begin with need no attack; finding that out is an answer of the model as well. */
export async function begin<Params>(run: Run<Params>): Promise<void> {
  if (run.clean !== undefined) return;
  const { size, ledger, original, findings } = run;
  const { target, x, labels, signal } = run.options;
  run.check();
  const everyone = Int32Array.from({ length: size }, (_, i) => i);
  const allowed = ledger.spend("queries", everyone);
  const asked = everyone.filter((i) => allowed[i] === 1);
  const again = (row: number): boolean => ledger.spend("queries", asked.subarray(row, row + 1))[0] === 1;
  const found = await target.decide(
    { x: gather(x, asked, target.rowSize), count: asked.length, examples: asked },
    { signal, again },
  );
  const right = new Uint8Array(size);
  const judge = createJudge(original, findings);
  for (const [i, example] of asked.entries()) {
    right[example] = found[i] === labels[example] ? 1 : 0;
    judge.see(example, { label: found[i]!, x, at: example * target.rowSize, part: "clean" });
  }
  run.clean = right;
}

/** The steps that are left. */
export function planOf<Params>({ attack, options, epsilons, size, done }: Run<Params>): readonly Step[] {
  const batchSize = options.batchSize ?? defaultBatch(options.target.rowSize);
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

/**
 * Examples attacked together: whole runs of the model, and blocks of about a MiB. Larger ones leave the caches, and the garbage of an attack's
 * steps, a dozen blocks each, took a fifth of its time.
 */
function defaultBatch(rowSize: number): number {
  const most = Math.max(1, Math.floor(2 ** 24 / rowSize));
  return Math.min(most, Math.max(64, Math.floor(2 ** 18 / rowSize / 64) * 64));
}

/** Whether some example has used up what it had. */
export function outOfBudget<Params>({ ledger, size }: Run<Params>): boolean {
  for (let example = 0; example < size; example++) if (ledger.exhausted(example)) return true;
  return false;
}

/** What a later run goes on from. */
export const stateOf = <Params>({ attack, seed, size, done, clean, findings, ledger, passes }: Run<Params>): AttackState => ({
  attack: attack.id,
  seed,
  size,
  done,
  clean,
  findings,
  counts: { queries: ledger.queries, gradients: ledger.gradients },
  perEpsilon: passes,
});

function repairFor({ norm, bounds, constraints }: Threat, rowSize: number): Repair {
  return createRepair({ norm, rowSize, low: expand(bounds.low, rowSize), high: expand(bounds.high, rowSize) }, constraints);
}

/** A run to go on from that has asked nothing yet: which examples are right is known, whatever the model says of them. */
export function freshState({
  attack,
  seed,
  clean,
  x,
}: Readonly<{ attack: string; seed: number; clean: Uint8Array; x: Float32Array }>): AttackState {
  const size = clean.length;
  const counts = { queries: new Float64Array(size), gradients: new Float64Array(size) };
  return { attack, seed, size, done: 0, clean, findings: emptyFindings(x, size), counts, perEpsilon: [] };
}
