/** What the steps of an assessment share: the clock, the questions asked so far, who was right, and what each norm has shown. */
import { narrowed } from "../attack/index.ts";
import type { AttackTarget } from "../attack/index.ts";
import type { AssessOptions, Snapshot } from "./options.ts";
import { runCampaign } from "./campaign.ts";
import type { AttackRecord, CampaignOptions, NormRun } from "./campaign.ts";
import type { PlannedAttack } from "./plan.ts";
import { rightOnes } from "./probe.ts";
import { createStandings } from "./standings.ts";
import type { ThreatLine } from "./threats.ts";

export interface Work {
  readonly options: AssessOptions;
  readonly target: AttackTarget;
  /** Which examples are right before any attack; {@link Work.setClean} knows it once it was looked at. */
  readonly clean: () => Uint8Array;
  setClean(clean: Uint8Array): void;
  /** Questions before any attack, where they cost something: one for each example, and those that had to be asked once more. */
  readonly asked: () => number;
  /** Counts one of those; false when none is left. */
  readonly again: () => boolean;
  readonly runs: readonly NormRun[];
  /** Whether nothing more may be begun. */
  readonly over: () => boolean;
  /** Why it ended early. */
  readonly stopped: () => string | undefined;
  /** A norm's run, new or as it was left. */
  begin(line: ThreatLine): NormRun;
  attack(run: NormRun, plan: readonly PlannedAttack[], how: Attacked): Promise<void>;
  /** The first examples that are right, with what trials on them need. */
  few(most: number, from: AttackTarget): ReturnType<typeof fewOf>;
}

/** What is attacked, and as what it is listed. */
interface Attacked extends Pick<CampaignOptions, "confirm"> {
  readonly on: AttackTarget;
  readonly view: AttackRecord["view"];
}

export function createWork(options: AssessOptions): Work {
  const { subject, x, labels, bounds, signal, seed = 0 } = options;
  const { target } = subject;
  const started = options.now();
  const timeLeftMs = (): number => (options.budgetMs === undefined ? Infinity : options.budgetMs - (options.now() - started));
  let clean: Uint8Array = options.resume?.clean ?? new Uint8Array(labels.length);
  const runs: NormRun[] = [];
  let refused: string | undefined;
  let cut: Snapshot["stopped"];

  let before = options.queries === undefined ? 0 : (options.resume?.asked ?? labels.length);
  const asked = (): number => runs.flatMap(({ records }) => records).reduce((sum, { queries }) => sum + queries, before);
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
      await options.onSnapshot?.({ runs, clean, asked: before, ...(cut === undefined ? {} : { stopped: cut }) });
    },
  });

  return {
    options,
    target,
    runs,
    clean: () => clean,
    setClean: (now) => (clean = now),
    asked: () => before,
    again: () => (options.queries === undefined || asked() < options.queries ? (before++, true) : false),
    over: () => signal?.aborted === true || timeLeftMs() <= 0 || refused !== undefined,
    stopped: () =>
      refused ?? (signal?.aborted === true ? "it was interrupted" : timeLeftMs() <= 0 ? "the time was over" : undefined),
    begin(line) {
      const known = options.resume?.runs.find(({ norm }) => norm === line.norm);
      const run: NormRun = known ?? { norm: line.norm, standings: createStandings(line, x, clean), records: [], left: [] };
      run.left.length = 0;
      // An attack that was stopped runs on from where it was, under the same key: its half is not a second one.
      run.records.splice(0, Infinity, ...run.records.filter(({ stopped }) => stopped === undefined));
      runs.push(run);
      return run;
    },
    attack: (run, plan, { on, ...how }) => runCampaign(run, plan, on, { ...campaign(run), ...how }),
    few: (most, from) => fewOf(options, { clean, most, from }),
  };
}

function fewOf(
  { x, labels, bounds, signal, seed = 0, subject }: AssessOptions,
  { clean, most, from }: { readonly clean: Uint8Array; readonly most: number; readonly from: AttackTarget },
) {
  const few = rightOnes(clean, { x, labels, width: subject.target.rowSize }, most);
  return { ...few, target: narrowed(from, few.examples), bounds, seed, signal };
}
