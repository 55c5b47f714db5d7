/** An assessment: attack, ask whether the attack was any good, attack again as one who knows the defence, and say what may be said. */
import { clopperPearson, createSeeded } from "../../base/math/index.ts";
import type { Interval } from "../../base/math/index.ts";
import type { Model } from "../../model/onnx/index.ts";
import { attacks, openTargetWith } from "../attack/index.ts";
import type { AttackProgress, AttackState, AttackTarget, Bounds, OpenSession, Room } from "../attack/index.ts";
import { featuresOf, runActiveTest } from "./active-test.ts";
import { adaptiveView, averagedScores, needed } from "./adaptive/views.ts";
import type { AdaptiveView, Remedies } from "./adaptive/views.ts";
import type { AuditFacts, EarlyFacts } from "./audit/define.ts";
import { audit, remediesFor } from "./audit/registry.ts";
import type { AuditNote } from "./audit/registry.ts";
import { runCampaign } from "./campaign.ts";
import type { AttackRecord, CampaignOptions, NormRun } from "./campaign.ts";
import { checkRequirement } from "./check-requirements.ts";
import type { RequirementResult } from "./check-requirements.ts";
import { checkAssessed } from "./check-data.ts";
import { planAttacks, unfit } from "./plan.ts";
import type { PlannedAttack } from "./plan.ts";
import { probeTarget, rightOnes } from "./probe.ts";
import type { Requirement } from "./requirement.ts";
import { createStandings } from "./standings.ts";
import { strongerAttack } from "./strengthen.ts";
import type { Subject } from "./subject.ts";
import type { ThreatLine } from "./threats.ts";
import { spanOf, tryCurve, tryUnbounded } from "./trials.ts";
import { verdictsOf } from "./verdict.ts";
import type { ThreatVerdict } from "./verdict.ts";
import { verify } from "./verify.ts";
import type { Verified } from "./verify.ts";

/** What is known so far, for a run that goes on later. */
export interface Snapshot {
  readonly runs: readonly NormRun[];
  readonly clean: Uint8Array;
  /** An attack that was stopped in its middle. */
  readonly stopped?: { readonly norm: string; readonly key: string; readonly state: AttackState };
}

export interface AssessOptions {
  readonly subject: Subject;
  readonly open: OpenSession;
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly threats: readonly ThreatLine[];
  readonly bounds: Bounds;
  /** Whether the bounds were told or guessed from the data. */
  readonly boundsTold: boolean;
  readonly attacks: "auto" | readonly string[];
  readonly requirements?: readonly Requirement[];
  readonly seed?: number;
  readonly output?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds of wall time in all. */
  readonly budgetMs?: number | undefined;
  /** Questions to the target in all. */
  readonly queries?: number | undefined;
  /** Planted regions that the attack must find, for each norm; 16 unless said otherwise. */
  readonly planted?: number | undefined;
  readonly now: () => number;
  readonly onEvent?: (event: AssessEvent) => void;
  /** What to keep, so that the run can go on after an end of the process. */
  readonly onSnapshot?: ((snapshot: Snapshot) => Promise<void>) | undefined;
  readonly resume?: Snapshot | undefined;
}

/** What a person who waits wants to know. */
export type AssessEvent =
  | { readonly kind: "clean"; readonly accuracy: number; readonly size: number }
  | { readonly kind: "progress"; readonly progress: AttackProgress }
  | { readonly kind: "attack"; readonly record: AttackRecord; readonly epsilons: readonly number[] }
  | { readonly kind: "step"; readonly what: string };

export interface Assessment {
  readonly size: number;
  readonly classes: number;
  readonly chance: number;
  readonly cleanAccuracy: number;
  readonly cleanInterval: Interval;
  readonly threats: readonly ThreatVerdict[];
  readonly requirements: readonly RequirementResult[];
  readonly audit: readonly AuditNote[];
  readonly notes: readonly string[];
  /** What was done about a defence; undefined when there was none to do anything about. */
  readonly adaptive: readonly string[] | undefined;
  /** Why it ended early. */
  readonly stopped: string | undefined;
  /** The worst case of each example under each norm. */
  readonly runs: readonly NormRun[];
  readonly queries: number;
  readonly gradients: number;
}

/**
 * Assesses a classifier.
 *
 * @throws assess/bad-data · assess/bad-attacks · attack/unsupported-model
 * @example
 * const assessment = await assess({ subject, open, x, labels, threats: [{ norm: "linf", epsilons: [0.1] }], bounds: { low: 0, high: 1 }, boundsTold: true, attacks: "auto", now: () => performance.now() });
 */
export async function assess(options: AssessOptions): Promise<Assessment> {
  const work = createWork(options);
  // Refused before anything is asked of the model.
  const plans = options.threats.map((line) => ({ line, plan: planAttacks(options.attacks, work.target, line.norm) }));
  const facts = await work.look();
  const runs: NormRun[] = [];
  for (const { line, plan } of plans) {
    const run = work.begin(line);
    runs.push(run);
    await work.attack(run, plan, work.target, "plain");
  }
  const remedies = remediesFor(facts);
  const view = needed(remedies) ? await work.adapt(remedies) : undefined;
  for (const run of runs) await work.attackAgain(run, { view, asked: needed(remedies) });
  const trials = await work.tryOut(view, remedies);
  const verified: Verified[] = [];
  for (const run of runs) verified.push(await work.verify(run, remedies.draws));
  const adaptive = needed(remedies) ? { steps: view?.steps ?? [], possible: view !== undefined } : undefined;
  await view?.target.close();
  return conclude(options, { ...facts, runs, adaptive, verified, stopped: work.stopped(), ...trials });
}

function conclude(options: AssessOptions, facts: AuditFacts): Assessment {
  const requirements = options.requirements ?? [];
  const { runs, cleanAccuracy, classes, data } = facts;
  const notes = audit(facts);
  const threats = runs.flatMap((run) => verdictsOf(run, notes, requirements));
  const cleanInterval = clopperPearson(Math.round(cleanAccuracy * data.size), data.size);
  const total = (of: (record: AttackRecord) => number): number =>
    runs.flatMap(({ records }) => records).reduce((sum, record) => sum + of(record), 0);
  return {
    size: data.size,
    classes,
    chance: 1 / classes,
    cleanAccuracy,
    cleanInterval,
    threats,
    requirements: requirements.map((one) =>
      checkRequirement(one, { cleanAccuracy, cleanInterval, threats, audit: notes, certified: [] }),
    ),
    audit: notes,
    notes: options.subject.notes,
    adaptive: facts.adaptive?.steps,
    stopped: facts.stopped,
    runs,
    queries: total(({ queries }) => queries),
    gradients: total(({ gradients }) => gradients),
  };
}

/** The steps, on what they share. */
function createWork(options: AssessOptions) {
  const { subject, x, labels, bounds, signal, seed = 0 } = options;
  const { target } = subject;
  checkAssessed(options);
  const started = options.now();
  const timeLeftMs = (): number => (options.budgetMs === undefined ? Infinity : options.budgetMs - (options.now() - started));
  let clean: Uint8Array = options.resume?.clean ?? new Uint8Array(labels.length);
  const runs: NormRun[] = [];
  let refused: string | undefined;
  let cut: Snapshot["stopped"];

  const over = (): boolean => signal?.aborted === true || timeLeftMs() <= 0 || refused !== undefined;
  const asked = (): number => runs.flatMap(({ records }) => records).reduce((sum, { queries }) => sum + queries, labels.length);
  const campaign = (run: NormRun): CampaignOptions => ({
    x,
    labels,
    bounds,
    seed,
    signal,
    timeLeftMs,
    queriesLeft: options.queries === undefined ? undefined : () => Math.max(0, options.queries! - asked()),
    onProgress: (progress) => options.onEvent?.({ kind: "progress", progress }),
    onStopped: (key, state) => (cut = { norm: run.norm, key, state }),
    resume: options.resume?.stopped?.norm === run.norm ? options.resume.stopped : undefined,
    async onRecord(record) {
      if (record.stopped?.reason === "refused") refused = record.stopped.message;
      options.onEvent?.({ kind: "attack", record, epsilons: run.standings.epsilons });
      await options.onSnapshot?.({ runs, clean, ...(cut === undefined ? {} : { stopped: cut }) });
    },
  });

  const common = (most: number, from: AttackTarget = target) => ({
    ...rightOnes(clean, { x, labels, width: target.rowSize }, most),
    target: from,
    bounds,
    seed,
    signal,
  });

  return {
    target,
    stopped: (): string | undefined =>
      refused ?? (signal?.aborted === true ? "it was interrupted" : timeLeftMs() <= 0 ? "the time was over" : undefined),

    /** Everything that is known without an attack. */
    async look(): Promise<EarlyFacts> {
      // A target that costs something is asked once for each example and no more.
      const paid = options.queries !== undefined;
      const smallest = Math.min(
        ...options.threats.flatMap(({ norm, epsilons }) => (norm === "linf" ? epsilons : [])),
        spanOf(bounds) / 10,
      );
      const probe = paid
        ? { examples: 0, unsteady: 0, nonFiniteAnswers: 0, probabilities: false, margin: Number.NaN, gradient: undefined }
        : await probeTarget({ target, x, labels, bounds, reach: smallest, rng: createSeeded(seed, 5), signal });
      if (options.resume === undefined) {
        const scores = await averagedScores(target, probe.unsteady > 1e-4 ? 12 : 1)({ x, count: labels.length }, { signal });
        clean = Uint8Array.from(labels, (label, row) =>
          rightRow(scores.subarray(row * target.classes, (row + 1) * target.classes), label) ? 1 : 0,
        );
      }
      const cleanAccuracy = clean.reduce((sum, right) => sum + right, 0) / labels.length;
      options.onEvent?.({ kind: "clean", accuracy: cleanAccuracy, size: labels.length });
      let [min, max] = [Infinity, -Infinity];
      for (const value of x) [min, max] = [Math.min(min, value), Math.max(max, value)];
      const { facts, controlFlow } = subject;
      return {
        target,
        facts,
        controlFlow,
        probe,
        bounds,
        boundsTold: options.boundsTold,
        data: { size: labels.length, min, max },
        cleanAccuracy,
        classes: target.classes,
      };
    },

    begin(line: ThreatLine): NormRun {
      const known = options.resume?.runs.find(({ norm }) => norm === line.norm);
      const run: NormRun = known ?? { norm: line.norm, standings: createStandings(line, x, clean), records: [], left: [] };
      run.left.length = 0;
      runs.push(run);
      return run;
    },

    attack: (run: NormRun, plan: readonly PlannedAttack[], on: AttackTarget, view: AttackRecord["view"]) =>
      runCampaign(run, plan, on, { ...campaign(run), view }),

    async adapt(remedies: Remedies): Promise<AdaptiveView | undefined> {
      if (subject.model === undefined || over()) return undefined;
      options.onEvent?.({ kind: "step", what: "a defence was found: making a view of the model that sees through it" });
      return adaptiveView(options.open, target, { model: subject.model, remedies, seed, output: options.output });
    },

    /** The attack that knows the defence, then one that is longer than all before. */
    async attackAgain(run: NormRun, { view, asked: wanted }: { view: AdaptiveView | undefined; asked: boolean }): Promise<void> {
      const fits = (plan: readonly PlannedAttack[], on: AttackTarget): readonly PlannedAttack[] =>
        plan.filter(({ attack }) => unfit(attack, on, run.norm) === undefined);
      if (view !== undefined)
        await runCampaign(run, fits(adaptivePlan(), view.target), view.target, { ...campaign(run), view: "adaptive" });
      else if (wanted) await runCampaign(run, fits(blindPlan(), target), target, { ...campaign(run), view: "adaptive" });
      const last = view?.target ?? target;
      const enough = options.attacks === "auto" && last.knowledge === "gradient";
      if (enough)
        await runCampaign(run, fits([strongerAttack()], last), last, {
          ...campaign(run),
          view: view === undefined ? "plain" : "adaptive",
        });
    },

    /** Curves, unbounded attacks, planted regions: on the view that attacks best. */
    async tryOut(
      view: AdaptiveView | undefined,
      remedies: Remedies,
    ): Promise<Pick<AuditFacts, "curves" | "unbounded" | "active">> {
      const nothing = { curves: [], unbounded: [], active: [] };
      // The attacks of the verdict are the ones on trial: without a view of their own, the plain ones.
      const best = view?.target ?? target;
      const fitting = runs.filter(({ norm }) => unfit(attacks.get("pgd"), best, norm) === undefined);
      if (best.whiteBox === undefined || over() || fitting.length === 0) return nothing;
      options.onEvent?.({ kind: "step", what: "the audit: curves, unbounded attacks, planted regions" });
      try {
        const [few, some] = [common(24, best), common(48, best)];
        if (few.labels.length === 0) return nothing;
        const curves = [];
        const unbounded = [];
        const active = [];
        const features = target.whiteBox === undefined ? undefined : featuresOf(target.whiteBox.model, target.whiteBox.logits);
        for (const { norm, standings } of fitting) {
          if (standings.epsilons.length > 1) curves.push(await tryCurve(some, { norm, epsilons: standings.epsilons }));
          unbounded.push(await tryUnbounded(few, norm));
          const epsilon = standings.epsilons[standings.epsilons.length >> 1]!;
          const viewOf =
            view === undefined
              ? undefined
              : (truth: AttackTarget, model: Model) => plantedView(options.open, truth, { model, remedies, seed });
          if (features !== undefined && !over())
            active.push(
              await runActiveTest(
                {
                  ...common(options.planted ?? 16),
                  open: options.open,
                  room: roomOf(norm, bounds, target.rowSize),
                  features,
                  viewOf,
                },
                { norm, epsilon },
              ),
            );
        }
        return { curves, unbounded, active };
      } catch (error) {
        if (signal?.aborted === true) return nothing;
        throw error;
      }
    },

    async verify(run: NormRun, draws: number): Promise<Verified> {
      const nothing: Verified = { norm: run.norm, checked: 0, outside: 0, unconfirmed: 0, takenBack: false };
      if (signal?.aborted === true || options.queries !== undefined) return nothing;
      return verify(run.standings, {
        target,
        room: roomOf(run.norm, bounds, target.rowSize),
        x,
        labels,
        draws: draws > 1 ? 20 : 1,
        signal,
      });
    },
  };
}

async function plantedView(
  open: OpenSession,
  truth: AttackTarget,
  given: { model: Model; remedies: Remedies; seed: number },
): Promise<AttackTarget> {
  return (
    (await adaptiveView(open, truth, { ...given, remedies: { ...given.remedies, scale: 1 } }))?.target ??
    openTargetWith(open, given.model, {})
  );
}

/** Gradients of the stand-in, by two losses; then without gradients. */
const adaptivePlan = (): readonly PlannedAttack[] => [
  { attack: attacks.get("pgd"), params: { steps: 80, restarts: 2, loss: "margin" }, scope: "standing" },
  { attack: attacks.get("pgd"), params: { steps: 60 }, scope: "standing" },
  ...blindPlan(),
];

const blindPlan = (): readonly PlannedAttack[] =>
  attacks.has("square") ? [{ attack: attacks.get("square"), params: { queries: 1500 }, scope: "standing", most: 200 }] : [];

function roomOf(norm: Room["norm"], { low, high }: Bounds, rowSize: number): Room {
  const expand = (side: Bounds["low"]): Float32Array => (typeof side === "number" ? new Float32Array(rowSize).fill(side) : side);
  return { norm, rowSize, low: expand(low), high: expand(high) };
}

const rightRow = (scores: Float32Array, label: number): boolean => {
  // The first of equal scores is the answer, as ArgMax has it.
  let best = 0;
  for (let k = 0; k < scores.length; k++) {
    if (Number.isNaN(scores[k]!)) return false;
    if (scores[k]! > scores[best]!) best = k;
  }
  return best === label;
};
