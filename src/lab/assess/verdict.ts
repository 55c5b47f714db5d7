/** From what was measured to what may be said: robust, broken, or not shown. */
import { clopperPearson } from "../../base/math/index.ts";
import type { Interval } from "../../base/math/index.ts";
import type { Norm } from "../attack/index.ts";
import type { AuditNote } from "./audit/registry.ts";
import { percent } from "./audit/define.ts";
import type { AttackRecord, NormRun } from "./campaign.ts";
import type { Requirement } from "./requirement.ts";
import { robustShare } from "./standings.ts";
import type { MeasuredFigure } from "./tasks/measure.ts";

export type Verdict = "robust" | "broken" | "not shown";

/** One attack's row under one threat. */
export interface AttackRow {
  /** The attack, numbered when it ran again with other parameters. */
  readonly attack: string;
  readonly title: string;
  /** What it ran with, in absolute values. */
  readonly params: unknown;
  readonly view: AttackRecord["view"];
  readonly scope: AttackRecord["scope"];
  readonly attempted: number;
  readonly broke: number;
  /** Against this attack alone where it met every example, else against everything until then. */
  readonly robustAccuracy: number;
  /** Against everything until then. */
  readonly worstCase: number;
  /** Over all radii of the norm. */
  readonly queries: number;
  readonly gradients: number;
  readonly milliseconds: number;
  readonly stopped?: string;
}

/** What is known about one norm and radius. */
export interface ThreatVerdict {
  readonly norm: Norm;
  readonly epsilon: number;
  readonly n: number;
  readonly cleanAccuracy: number;
  readonly robustAccuracy: number;
  /** Of the robust accuracy, Clopper and Pearson's. */
  readonly interval: Interval;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  /** The robust accuracy that the verdict asks for, and where it comes from. */
  readonly bar: { readonly value: number; readonly from: string };
  readonly perAttack: readonly AttackRow[];
  /** Of a task its own measures, before any attack and at the worst that is known within the radius. */
  readonly figures?: readonly MeasuredFigure[];
  /** For each example 1 when it is answered rightly at every point that was tried, else 0. */
  readonly worstCasePerSample: readonly number[];
  /** For each example the attack that broke it first; `clean` when it was wrong to begin with. */
  readonly brokenBy: readonly (string | null)[];
}

/** Whether an outcome speaks about a threat. */
const concerns = (note: AuditNote, norm: Norm, epsilon: number): boolean =>
  (note.norm === undefined || note.norm === norm) && (note.epsilon === undefined || note.epsilon === epsilon);

/** The verdicts of one norm, one for each radius. */
export function verdictsOf(run: NormRun, notes: readonly AuditNote[], requirements: readonly Requirement[]): ThreatVerdict[] {
  const { norm, standings, records } = run;
  const { size, clean } = standings;
  const cleanAccuracy = clean.reduce((sum, right) => sum + right, 0) / size;
  return standings.epsilons.map((epsilon, level): ThreatVerdict => {
    const robustAccuracy = robustShare(standings, level);
    const interval = clopperPearson(Math.round(robustAccuracy * size), size);
    const bar = barFor({ norm, epsilon, cleanAccuracy }, requirements);
    const failures = notes.filter((note) => note.status === "failed" && concerns(note, norm, epsilon));
    return {
      norm,
      epsilon,
      n: size,
      cleanAccuracy,
      robustAccuracy,
      interval,
      ...judge({ robustAccuracy, interval, bar, failures, cleanAccuracy }),
      bar,
      perAttack: records.map((record) => rowOf(record, level)),
      worstCasePerSample: Array.from(standings.fallen[level]!, (fell) => 1 - fell),
      brokenBy: standings.brokenBy[level]!,
    };
  });
}

/** What counts as robust: the threshold that was asked for, else half of what the model gets right without an attack. */
function barFor(
  { norm, epsilon, cleanAccuracy }: { norm: Norm; epsilon: number; cleanAccuracy: number },
  requirements: readonly Requirement[],
): ThreatVerdict["bar"] {
  const asked = requirements.filter(
    ({ metric, at, comparison }) =>
      metric === "robust_accuracy" && comparison.startsWith(">") && at?.norm === norm && Math.abs(at.epsilon - epsilon) < 1e-12,
  );
  if (asked.length === 0) return { value: cleanAccuracy / 2, from: "half of the clean accuracy" };
  return { value: Math.max(...asked.map(({ value }) => value)), from: "the requirement" };
}

interface Judged {
  readonly robustAccuracy: number;
  readonly interval: Interval;
  readonly bar: ThreatVerdict["bar"];
  readonly failures: readonly AuditNote[];
  readonly cleanAccuracy: number;
}

function judge({ robustAccuracy, interval, bar, failures, cleanAccuracy }: Judged): Pick<ThreatVerdict, "verdict" | "reasons"> {
  const figure = `${percent(robustAccuracy)} right in the worst case (95 %: ${percent(interval.low)} to ${percent(interval.high)}), ${percent(bar.value)} asked for (${bar.from})`;
  // A known wrong answer is a proof, whatever the audit says of the search; a model that is wrong unattacked proves nothing about attacks.
  const clean = failures.some(({ check }) => check === "clean-accuracy" || check === "perturbations");
  if (robustAccuracy < bar.value && cleanAccuracy > 0 && !clean) return { verdict: "broken", reasons: [figure] };
  if (failures.length > 0)
    return {
      verdict: "not shown",
      reasons: [figure, ...failures.map(({ title, message }) => `not true that ${title}: ${message}`)],
    };
  return { verdict: "robust", reasons: [figure, "every check of the audit passed"] };
}

function rowOf(record: AttackRecord, level: number): AttackRow {
  const { key, title, params, view, scope, queries, gradients, milliseconds, stopped } = record;
  return {
    attack: key,
    title,
    params,
    view,
    scope,
    attempted: record.attempted[level]!,
    broke: record.broke[level]!,
    robustAccuracy: record.alone?.[level] ?? record.after[level]!,
    worstCase: record.after[level]!,
    queries,
    gradients,
    milliseconds: Math.round(milliseconds),
    ...(stopped === undefined ? {} : { stopped: stopped.message }),
  };
}
