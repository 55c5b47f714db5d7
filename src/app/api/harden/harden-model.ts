/** `modelkeep harden`: a model file, data and a threat in; a hardened model file, a run's folder and what it cost out. */
import { basename, join } from "node:path";
import type { EvidenceSink } from "../../../base/evidence/index.ts";
import { quote } from "../../../base/error/index.ts";
import type { ModelkeepError } from "../../../base/error/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { openTarget } from "../../../lab/attack/index.node.ts";
import { parseThreat } from "../../../lab/assess/index.ts";
import type { RequirementResult } from "../../../lab/assess/index.ts";
import { badOption, defaultRamp, harden, hardenings, paramsOf, quickCheck } from "../../../lab/defend/index.node.ts";
import type { Hardening, HardenThreat, QuickCheck } from "../../../lab/defend/index.node.ts";
import { namedSets } from "../../../model/data/index.node.ts";
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { toFloat, toNumbers } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { Recipe } from "../../../model/train/index.node.ts";
import { hardeningPage, paretoChart } from "../../report/index.ts";
import { boundsOf } from "../assess/request.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import { runAt } from "../train/run-folder.ts";
import { absolute, stoppedRun, trainIn } from "../train/train-model.ts";
import type { Lesson, Resumed, TrainReport, TrainRequest, TrainWays } from "../train/train-model.ts";
import { writeWhole } from "../write-whole.ts";
import { evidenceOf } from "./evidence.ts";
import { peersOf } from "./peers.ts";
import { holdAgainst, readRequirements } from "./requirements.ts";

/** What hardening is asked. Plain data: a run's manifest holds it. */
export interface HardenRequest extends Omit<TrainRequest, "recipe" | "validation"> {
  readonly recipe: Partial<Recipe>;
  readonly method: string;
  /** Settings of the method by name. */
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  /** `linf:0.3`. */
  readonly threat: string;
  readonly ramp?: number | undefined;
  readonly bounds?: string | undefined;
  /** Examples of the check before and after. Default 200. */
  readonly check?: number | undefined;
  /** Thresholds for the model after: `robust_accuracy@linf:0.3 >= 0.85`. */
  readonly requirements?: readonly string[] | undefined;
}

/** What the record says of hardening. */
export interface HardeningFacts {
  readonly method: string;
  readonly params: unknown;
  readonly threat: { readonly norm: string; readonly epsilon: number };
  readonly ramp: number;
}

/** What came of it. */
export interface HardenReport extends TrainReport {
  readonly hardening: HardeningFacts;
  readonly bounds: { readonly low: number; readonly high: number };
  /** A short attack on examples that were not learnt from, before and after: upper bounds. Undefined when hardening was ended early. */
  readonly check?: { readonly before: QuickCheck; readonly after: QuickCheck };
  /** Right answers lost where nobody attacks; negative when there are more. */
  readonly cleanCost?: number;
  /** What was asked of the model after, by the short attack's upper bounds. */
  readonly requirements: readonly RequirementResult[];
  readonly replay: string;
  readonly cost: { readonly seconds: number; readonly cpuSeconds: number };
}

/** Ways that do not change the result. */
export interface HardenWays extends TrainWays {
  /** Takes the entry of evidence, where a log is kept. */
  readonly evidence?: EvidenceSink | undefined;
}

type Stored = TrainRequest & Pick<HardenRequest, "method" | "params" | "threat" | "ramp" | "bounds" | "check" | "requirements">;

/**
 * Hardens a model file.
 * @throws defend/bad-option · assess/bad-threat, what reading model and data throw, and train/…
 */
export async function hardenModel(request: HardenRequest, ways: HardenWays = {}): Promise<HardenReport> {
  const { method, facts } = goalOf(request);
  readRequirements(request.requirements ?? [], facts.threat);
  const stored: Stored = {
    ...request,
    // A named set has a part of its own that nothing is learnt from; of other data a tenth is kept apart.
    validation: namedSets.some(({ name }) => name === request.data) ? request.data : 0.1,
    recipe: { epochs: 20, ...method.recipe, ...request.recipe },
  };
  return hardenIn(absolute(stored), ways);
}

/** Goes on where a run stopped. @throws train/bad-run · train/bad-checkpoint */
export async function resumeHardening(folder: string, ways: HardenWays = {}): Promise<HardenReport> {
  const { request, resumed } = await stoppedRun<Stored>(folder);
  return hardenIn(request, ways, resumed);
}

interface Goal {
  readonly method: Hardening;
  readonly facts: HardeningFacts;
}

/** @throws defend/bad-option · assess/bad-threat · registry/unknown */
function goalOf({ method: id, params, threat, ramp = defaultRamp }: Pick<Stored, "method" | "params" | "threat" | "ramp">): Goal {
  const method = hardenings.get(id);
  const { norm, epsilons } = parseThreat(threat);
  if (epsilons.length > 1) throw oneRadius(threat);
  return { method, facts: { method: id, params: paramsOf(method, params), threat: { norm, epsilon: epsilons[0]! }, ramp } };
}

const oneRadius = (threat: string): ModelkeepError =>
  badOption(`${quote(threat)} has several radii`, "a model is hardened for one: the largest that matters, for example linf:0.3");

async function hardenIn(request: Stored, ways: HardenWays, resumed?: Resumed): Promise<HardenReport> {
  const goal = goalOf(request);
  const requirements = readRequirements(request.requirements ?? [], goal.facts.threat);
  const started = process.cpuUsage();
  const before = await readWholeModelAt(request.model);
  let bounds = { low: 0, high: 1 };
  const lesson: Lesson = {
    verb: "harden",
    about: { hardening: goal.facts },
    async *start(options) {
      bounds = await boundsOf(request.bounds, options.data);
      const threat = { ...goal.facts.threat, ...bounds } as HardenThreat;
      return yield* harden({ ...options, method: goal.method, params: request.params, threat, ramp: goal.facts.ramp });
    },
    async judge(after, apart) {
      const threat = { ...goal.facts.threat, ...bounds } as HardenThreat;
      const look = (model: Model): Promise<QuickCheck> => checkOn(model, apart, { request, threat });
      const check = { before: await look(before.model), after: await look(after) };
      return { check, cleanCost: check.before.clean - check.after.clean };
    },
  };
  const report = (await trainIn(request, ways, { resumed, lesson })) as HardenReport;
  const { user, system } = process.cpuUsage(started);
  const whole: HardenReport = {
    ...report,
    bounds,
    requirements: holdAgainst(requirements, goal.facts.threat, report.check?.after),
    replay: `modelkeep harden --resume ${report.run}`,
    cost: { seconds: report.seconds, cpuSeconds: (user + system) / 1e6 },
  };
  await runAt(whole.run).write("result.json", whole);
  if (whole.check !== undefined) await writePage(whole, request);
  const digest = whole.out === null ? undefined : (await readWholeModelAt(whole.out)).digest;
  await ways.evidence?.append(evidenceOf(whole, { model: request.model, digest, seed: request.recipe.seed ?? 0 }));
  return whole;
}

async function checkOn(
  model: Model,
  apart: IndexedDataset,
  { request, threat }: { readonly request: Stored; readonly threat: HardenThreat },
): Promise<QuickCheck> {
  const { check = 200, output, recipe } = request;
  const { tensors } = apart.take(Uint32Array.from({ length: Math.min(check, apart.size) }, (_, row) => row));
  const input = apart.fields.find(({ name }) => name !== apart.target)!;
  const target = await openTarget(model, { output, rowDims: input.dims, threads: recipe.threads ?? 1 });
  try {
    const labels = Int32Array.from(toNumbers(tensors[apart.target!]!));
    return await quickCheck(target, { x: toFloat(tensors[input.name]!), labels, threat, seed: recipe.seed ?? 0 });
  } finally {
    await target.close();
  }
}

async function writePage(report: HardenReport, request: Stored): Promise<void> {
  const peers = await peersOf(report);
  const { check, hardening } = report;
  const facts = {
    model: basename(request.model),
    out: basename(request.out),
    version,
    method: hardenings.get(hardening.method).title,
    hardening,
    before: check!.before,
    after: check!.after,
    cost: report.cost,
    data: report.data,
    replay: report.replay,
    peers,
  };
  const chart = paretoChart({ ...facts, threat: hardening.threat, label: `after: ${hardening.method}` });
  await writeWhole(join(report.run, "pareto.svg"), chart);
  await writeWhole(join(report.run, "report.html"), hardeningPage(facts));
}
