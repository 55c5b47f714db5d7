/** Runs planned attacks one after another against what still stands, and keeps the worst case of each example. */
import { freshState, gatherRows, narrowed, runAttack } from "../attack/index.ts";
import type { AttackProgress, AttackResult, AttackState, AttackTarget, Bounds, Norm } from "../attack/index.ts";
import { evidenceOf } from "./evidence.ts";
import type { AttackEvidence } from "./evidence.ts";
import type { PlannedAttack } from "./plan.ts";
import { absorb, remember, robustShare, standing } from "./standings.ts";
import type { Remembered, Standings } from "./standings.ts";

/** What one attack did, in figures. Lists go by the radii of the threat. */
export interface AttackRecord {
  /** Unique within the norm: the attack's id, numbered when it runs again with other parameters. */
  readonly key: string;
  readonly id: string;
  readonly title: string;
  readonly needs: "decisions" | "scores" | "gradient";
  readonly params: unknown;
  readonly scope: "all" | "standing";
  /** `adaptive`: on a view of the model that was made for its defence. */
  readonly view: "plain" | "adaptive";
  readonly norm: Norm;
  readonly attempted: readonly number[];
  /** Examples that fell to it and had stood until then. */
  readonly broke: readonly number[];
  /** Share right against this attack alone; absent where it met only what stood. */
  readonly alone: readonly number[] | undefined;
  /** Share right against everything so far. */
  readonly after: readonly number[];
  readonly queries: number;
  readonly gradients: number;
  readonly milliseconds: number;
  readonly stopped?: AttackResult["stopped"];
  /** What the audit reads: how the loss rose, whether starting again helped, whether there were gradients. */
  readonly evidence: AttackEvidence;
}

/** One norm under attack. */
export interface NormRun {
  readonly norm: Norm;
  readonly standings: Standings;
  readonly records: AttackRecord[];
  /** Planned and not run, with the reason. */
  readonly left: { readonly id: string; readonly reason: string }[];
}

export interface CampaignOptions {
  readonly x: Float32Array;
  readonly labels: Int32Array;
  readonly bounds: Bounds;
  readonly seed: number;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that are left; called before each attack. */
  readonly timeLeftMs: () => number;
  /** Questions that are left in all, where they cost something. */
  readonly queriesLeft?: (() => number) | undefined;
  readonly onProgress?: ((progress: AttackProgress) => void) | undefined;
  /** After each attack, and in the middle of one that was stopped. */
  readonly onRecord?: ((record: AttackRecord) => Promise<void>) | undefined;
  /** Takes back what the model does not answer again, before the next attack passes these examples over. */
  readonly confirm?: ((since: Pick<Remembered, "fell" | "nearer">) => Promise<void>) | undefined;
  /** A run that was stopped in the middle: its attack goes on from here. */
  readonly resume?: { readonly key: string; readonly state: AttackState } | undefined;
  readonly onStopped?: ((key: string, state: AttackState) => void) | undefined;
}

/** Runs the attacks; those that are done already are passed over. Ends early, without an error, when it is told to stop. */
export async function runCampaign(
  run: NormRun,
  plan: readonly PlannedAttack[],
  target: AttackTarget,
  { view, ...options }: CampaignOptions & { readonly view: AttackRecord["view"] },
): Promise<void> {
  const used = new Map<string, number>();
  for (const planned of plan) {
    const base = view === "plain" ? planned.attack.id : `adaptive ${planned.attack.id}`;
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    const key = count === 1 ? base : `${base} #${count}`;
    if (run.records.some((record) => record.key === key && record.stopped === undefined)) continue;
    const reason =
      options.signal?.aborted === true ? "the run was stopped" : options.timeLeftMs() <= 0 ? "the time was over" : undefined;
    if (reason !== undefined) {
      run.left.push({ id: key, reason });
      continue;
    }
    const record = await runOne(run, planned, target, { ...options, view, key });
    if (record === undefined) continue;
    run.records.push(record);
    await options.onRecord?.(record);
    if (record.stopped?.reason === "refused") return;
  }
}

async function runOne(
  run: NormRun,
  planned: PlannedAttack,
  target: AttackTarget,
  { key, view, ...options }: CampaignOptions & { readonly view: AttackRecord["view"]; readonly key: string },
): Promise<AttackRecord | undefined> {
  const { standings } = run;
  const { attack, scope } = planned;
  const everyone = scope === "all" ? Int32Array.from(standings.clean.keys()) : standing(standings);
  const examples = planned.most === undefined ? everyone : everyone.slice(0, planned.most);
  if (examples.length === 0) return undefined;
  const resume = options.resume?.key === key ? options.resume.state : undefined;
  const timeMs = options.timeLeftMs();
  const totalQueries = options.queriesLeft?.();
  const result = await runAttack(attack, {
    target: narrowed(target, examples),
    x: gatherRows(options.x, examples, target.rowSize),
    labels: examples.map((example) => options.labels[example]!),
    threat: { norm: run.norm, epsilons: standings.epsilons, bounds: options.bounds },
    params: planned.params,
    ...(planned.confidence === undefined ? {} : { confidence: planned.confidence }),
    seed: options.seed,
    budget: { ...(timeMs === Infinity ? {} : { timeMs }), ...(totalQueries === undefined ? {} : { totalQueries }) },
    resume: resume ?? beginning({ id: attack.id, standings, examples, scope, seed: options.seed, width: target.rowSize }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
  });
  if (result.stopped !== undefined && result.stopped.reason !== "budget") options.onStopped?.(key, result.state);
  const { confirm } = options;
  const stood = standings.fallen.map((fallen) => fallen.slice());
  const before = confirm === undefined ? undefined : remember(standings);
  let broke = absorb(standings, result, { examples, credit: key });
  if (confirm !== undefined && before !== undefined) {
    await confirm(before);
    before.restore();
    broke = standings.fallen.map((fallen, level) =>
      fallen.reduce((sum, now, example) => sum + Number(now > stood[level]![example]!), 0),
    );
  }
  return {
    key,
    id: attack.id,
    title: attack.title,
    needs: attack.needs,
    params: result.params,
    scope,
    view,
    norm: run.norm,
    attempted: result.perEpsilon.map(({ attempted }) => attempted.reduce((sum, one) => sum + one, 0)),
    broke,
    // What is not answered again is no figure of the attack's own.
    alone:
      confirm === undefined && scope === "all" && examples.length === standings.size
        ? result.perEpsilon.map(({ robust }) => robust)
        : undefined,
    after: standings.epsilons.map((_, level) => robustShare(standings, level)),
    queries: result.totalQueries,
    gradients: result.totalGradients,
    milliseconds: result.perEpsilon.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
    ...(result.stopped === undefined ? {} : { stopped: result.stopped }),
    evidence: evidenceOf(result),
  };
}

/** Where an attack begins: it knows which examples the model gets right, and on `standing` what has fallen already. */
function beginning({
  id,
  standings,
  examples,
  scope,
  seed,
  width,
}: {
  readonly id: string;
  readonly standings: Standings;
  readonly examples: Int32Array;
  readonly scope: "all" | "standing";
  readonly seed: number;
  readonly width: number;
}): AttackState {
  const wrong = (example: number): number => (standings.clean[example] === 1 ? Infinity : 0);
  const state = freshState({
    attack: id,
    seed,
    clean: Uint8Array.from(examples, (example) => standings.clean[example]!),
    x: gatherRows(standings.nearest, examples, width),
  });
  const distance = Float64Array.from(examples, (example) => (scope === "all" ? wrong(example) : standings.distance[example]!));
  return { ...state, findings: { ...state.findings, distance } };
}
