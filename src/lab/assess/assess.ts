/** An assessment: attack, ask whether the attack was any good, attack again as one who knows the defence, and say what may be said. */
import { clopperPearson } from "../../base/math/index.ts";
import type { Interval } from "../../base/math/index.ts";
import { adapt, attackAgain, calmed } from "./again.ts";
import { needed } from "./adaptive/views.ts";
import type { AuditFacts } from "./audit/define.ts";
import { audit, remediesFor } from "./audit/registry.ts";
import type { AuditNote } from "./audit/registry.ts";
import type { AttackRecord, CampaignOptions, NormRun } from "./campaign.ts";
import { checkAssessed } from "./check-data.ts";
import { checkRequirement } from "./check-requirements.ts";
import type { RequirementResult } from "./check-requirements.ts";
import { look } from "./look.ts";
import type { AssessOptions } from "./options.ts";
import { planAttacks } from "./plan.ts";
import { settle, verifyRun } from "./settle.ts";
import type { Asking } from "./settle.ts";
import { measureTask } from "./tasks/measure.ts";
import type { MeasuredThreat } from "./tasks/measure.ts";
import { tryOut } from "./try-out.ts";
import { verdictsOf } from "./verdict.ts";
import type { ThreatVerdict } from "./verdict.ts";
import type { Verified } from "./verify.ts";
import { createWork } from "./work.ts";
import type { Work } from "./work.ts";

export interface Assessment {
  /** `classification`, or what the model was asked for instead. */
  readonly task: string;
  /** What the scores of a task stand for; the first one is right. */
  readonly answers?: readonly string[];
  /** When an example of a task counts as right. */
  readonly holds?: string;
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
  /** Of all attacks; where they cost something, every row that was sent and answered or refused. */
  readonly queries: number;
  readonly gradients: number;
}

/**
 * Assesses a classifier, or a model of another task whose question is written behind it.
 *
 * @throws assess/bad-data · assess/bad-attacks · attack/unsupported-model
 * @example
 * const assessment = await assess({ subject, open, x, labels, threats: [{ norm: "linf", epsilons: [0.1] }], bounds: { low: 0, high: 1 }, boundsTold: true, attacks: "auto", now: () => performance.now() });
 */
export async function assess(options: AssessOptions): Promise<Assessment> {
  checkAssessed(options);
  const work = createWork(options);
  // Refused before anything is asked of the model.
  const plans = options.threats.map((line) => ({ line, plan: planAttacks(options.attacks, work.target, line.norm) }));
  const facts = await look(work);
  const remedies = remediesFor(facts);
  const isRandom = remedies.draws > 1;
  const verified: Verified[] = [];
  const rounds = options.subject.facts.some(({ kind }) => kind === "approximated");
  // What a random model said by chance, or only a gradient's own graph where the model rounds inside, is no wrong answer: it would keep the
  // attacks that follow from looking at the example, and stand in the place of one that holds.
  const confirmOf = (run: NormRun): CampaignOptions["confirm"] => {
    const again = async (how: Asking): Promise<void> => void verified.push(await verifyRun(work, run, how));
    if (isRandom) return ({ fell }) => again({ draws: manyDraws, surely: true, examples: fell() });
    return rounds ? ({ nearer }) => again({ draws: 1, examples: nearer() }) : undefined;
  };
  const runs: NormRun[] = [];
  for (const { line, plan } of plans) {
    const run = work.begin(line);
    runs.push(run);
    await work.attack(run, plan, { on: work.target, view: "plain", confirm: confirmOf(run) });
  }
  const wanted = needed(remedies);
  const view = wanted ? await adapt(work, remedies) : undefined;
  // A lead over the noise of an average, so that it holds when it is asked for again.
  const { margin } = facts.probe;
  const confidence = view !== undefined && isRandom && margin > 0 ? margin / 2 : undefined;
  const calm = isRandom ? await calmed(work) : undefined;
  for (const run of runs) await attackAgain(work, run, { view, calm, wanted, confidence, confirm: confirmOf(run) });
  await calm?.close();
  for (const run of runs) verified.push(await settle(work, run, { draws: isRandom ? manyDraws : 1 }));
  const trials = await tryOut(work, view, remedies);
  const figures = await measured(work);
  const adaptive = wanted ? { steps: view?.steps ?? [], possible: view !== undefined } : undefined;
  await view?.target.close();
  return conclude(
    options,
    { ...facts, runs, adaptive, verified, stopped: work.stopped(), ...trials },
    { figures, asked: work.asked() },
  );
}

/** What a task measures beside the share that holds; nothing where nobody may ask any more. */
async function measured({ options, runs, over }: Work): Promise<readonly MeasuredThreat[]> {
  const { subject, open, x, bounds, seed = 0, signal } = options;
  if (subject.task === undefined || over()) return [];
  const { judged, head } = subject.task;
  options.onEvent?.({ kind: "step", what: "figures of the task under attack" });
  return measureTask({ judged, figures: head.figures, open, x, runs, bounds, seed, signal });
}

function conclude(
  options: AssessOptions,
  facts: AuditFacts,
  { figures, asked }: { readonly figures: readonly MeasuredThreat[]; readonly asked: number },
): Assessment {
  const requirements = options.requirements ?? [];
  const { runs, cleanAccuracy, classes, data } = facts;
  const { task } = options.subject;
  const notes = audit(facts);
  const threats = runs.flatMap((run) =>
    verdictsOf(run, notes, requirements).map((threat): ThreatVerdict => {
      const found = figures.find(({ norm, epsilon }) => norm === threat.norm && epsilon === threat.epsilon);
      return found === undefined ? threat : { ...threat, figures: found.figures };
    }),
  );
  const cleanInterval = clopperPearson(Math.round(cleanAccuracy * data.size), data.size);
  const total = (of: (record: AttackRecord) => number): number =>
    runs.flatMap(({ records }) => records).reduce((sum, record) => sum + of(record), 0);
  return {
    task: task?.id ?? "classification",
    ...(task === undefined ? {} : { answers: task.head.answers, holds: task.head.holds }),
    size: data.size,
    classes,
    chance: facts.chance,
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
    queries: asked + total(({ queries }) => queries),
    gradients: total(({ gradients }) => gradients),
  };
}

/** Questions to a random model for each wrong answer of its own. */
const manyDraws = 200;
