/** `modelkeep defend`: a model file with defences built into it, and with data what they cost and what they give against an attacker who knows them. */
import { basename, join } from "node:path";
import { digestOf, nativeSha256 } from "../../../base/crypto/index.node.ts";
import type { EvidenceSink } from "../../../base/evidence/index.ts";
import { version } from "../../../base/port/index.node.ts";
import type { AssessEvent, ThreatLine } from "../../../lab/assess/index.ts";
import { calibrate, defend, ensembleOf, recordOf, watch, withThreshold } from "../../../lab/defend/index.node.ts";
import type { DefenceRecord, Range } from "../../../lab/defend/index.node.ts";
import { checkModel, writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { defencePage, paretoChart } from "../../report/index.ts";
import { openAssessData } from "../assess/data.ts";
import type { AssessData } from "../assess/data.ts";
import { rangeFor } from "../assess/request.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import { newRun } from "../new-run.ts";
import { placeFor } from "../place-for.ts";
import { replayOf } from "../replay.ts";
import { writeWhole } from "../write-whole.ts";
import { evidenceOf } from "./evidence.ts";
import { measure } from "./measure.ts";
import type { Measured } from "./measure.ts";
import { planOf } from "./request.ts";
import type { DefendRequest, Plan } from "./request.ts";
import { suspicionsOf } from "./suspicions.ts";

/** What `--json` prints and, with data, `result.json` holds. */
export interface DefendReport {
  readonly schema: "modelkeep.defence-report/1";
  readonly model: { readonly file: string; readonly digest: string };
  readonly out: { readonly file: string; readonly digest: string };
  /** What the file says of its defences. */
  readonly record: DefenceRecord;
  readonly seed: number;
  readonly seconds: number;
  readonly replay: string;
  readonly measured?: DefenceMeasured;
}

/** What was measured. */
export interface DefenceMeasured {
  readonly folder: string;
  readonly data: { readonly name: string; readonly digest: string; readonly size: number };
  readonly threat: { readonly norm: string; readonly epsilon: number };
  readonly before: Measured;
  readonly after: Measured;
  /** Right answers lost where nobody attacks, refusals among them; negative when there are more. */
  readonly cleanCost: number;
}

/** Ways that do not change the result. */
export interface DefendWays {
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: AssessEvent) => void;
  readonly evidence?: EvidenceSink | undefined;
}

/** @throws registry/unknown · defend/… · assess/bad-threat · api/… · attack/unsupported-model */
export async function defendModel(request: DefendRequest, ways: DefendWays = {}): Promise<DefendReport> {
  const started = performance.now();
  const plan = planOf(request);
  const file = await readWholeModelAt(request.model);
  const others = await Promise.all((request.with ?? []).map(readWholeModelAt));
  const data = request.data === undefined ? undefined : await openAssessData({ ...request, data: request.data });
  await placeFor(request.out);
  const range =
    data === undefined && request.bounds === undefined ? undefined : rangeFor(request.bounds, data?.x ?? new Float32Array());
  const model = await build([file.model, ...others.map((other) => other.model)], request, { plan, data, range });
  checkModel(model);
  const bytes = writeModel(model);
  await writeWhole(request.out, bytes);
  const report: DefendReport = {
    schema: "modelkeep.defence-report/1",
    model: { file: request.model, digest: file.digest },
    out: { file: request.out, digest: digestOf(bytes, nativeSha256) },
    record: recordOf(model)!,
    seed: request.seed ?? 0,
    seconds: 0,
    replay: again(request),
  };
  const measured =
    data === undefined
      ? undefined
      : await measureBoth({ before: file.model, after: model, data, range: range!, plan, request, ways });
  const whole = { ...report, seconds: (performance.now() - started) / 1000, ...(measured === undefined ? {} : { measured }) };
  if (measured !== undefined) await writeFolder(whole, measured);
  await ways.evidence?.append(evidenceOf(whole));
  return whole;
}

/** The command that makes it again. */
function again(request: DefendRequest): string {
  const { model, defences: defence, detector, with: members, out, bounds, output, seed } = request;
  const watched = detector === undefined ? {} : { detector, fpr: request.fpr, confidence: request.confidence };
  const { data, labels, target, limit, threat, check } = request;
  const measured = data === undefined ? {} : { data, labels, target, limit, threat, check };
  return replayOf("defend", [model], { defence, ...watched, with: members, out, ...measured, bounds, output, seed });
}

interface Material {
  readonly plan: Plan;
  readonly data: AssessData | undefined;
  readonly range: Range | undefined;
}

/** Members first, then what stands in front of all of them, then whoever watches the whole. */
async function build(models: readonly Model[], request: DefendRequest, { plan, data, range }: Material): Promise<Model> {
  const options = { rowDims: data?.dims, range };
  const whole = models.length === 1 ? models[0]! : ensembleOf(models, options);
  const defended = defend(whole, plan.defences, options);
  if (plan.detector === undefined) return defended;
  const watched = watch(defended, plan.detector, options);
  const { fpr: rate = 0.05, confidence } = request;
  const suspicions = await suspicionsOf(watched, afterCheck(data!, request));
  return withThreshold(watched, calibrate(suspicions, { rate, ...(confidence === undefined ? {} : { confidence }) }));
}

/** Examples that cost and gain are measured on. The threshold is not chosen by them: it would know them. */
const checked = ({ check = 100 }: DefendRequest, { labels }: AssessData): number => Math.min(check, labels.length);

/** Enough for a rate of a thousandth. */
const mostForCalibration = 5000;

function afterCheck(data: AssessData, request: DefendRequest): AssessData {
  const { x, labels } = data;
  const width = x.length / labels.length;
  const from = checked(request, data);
  const to = Math.min(labels.length, from + mostForCalibration);
  return { ...data, x: x.subarray(from * width, to * width), labels: labels.subarray(from, to) };
}

interface Comparison {
  readonly before: Model;
  readonly after: Model;
  readonly data: AssessData;
  readonly range: Range;
  readonly plan: Plan;
  readonly request: DefendRequest;
  readonly ways: DefendWays;
}

async function measureBoth({ before, after, data, range, plan, request, ways }: Comparison): Promise<DefenceMeasured> {
  const threat: ThreatLine = plan.threat ?? { norm: "linf", epsilons: [(range.high - range.low) / 10] };
  const n = checked(request, data);
  const common = {
    x: data.x.slice(0, (n * data.x.length) / data.labels.length),
    labels: data.labels.slice(0, n),
    threat,
    bounds: range,
    output: request.output,
    seed: request.seed ?? 0,
    signal: ways.signal,
    onEvent: ways.onEvent,
  };
  const name = basename(request.model);
  const measured = {
    before: await measure(name, before, common),
    after: await measure(basename(request.out), after, { ...common, output: undefined }),
  };
  return {
    folder: await newRun(request.runs ?? "runs", Date.now()),
    data: { name: data.name, digest: data.digest, size: n },
    threat: { norm: threat.norm, epsilon: threat.epsilons[0]! },
    ...measured,
    cleanCost: measured.before.clean - measured.after.clean,
  };
}

async function writeFolder(report: DefendReport, measured: DefenceMeasured): Promise<void> {
  const { folder, before, after, threat } = measured;
  await writeWhole(join(folder, "result.json"), `${JSON.stringify(report, null, 1)}\n`);
  await writeWhole(join(folder, "pareto.svg"), paretoChart({ before, after, peers: [], threat, label: "defended" }));
  await writeWhole(join(folder, "report.html"), defencePage({ ...report, ...measured, version }));
}
