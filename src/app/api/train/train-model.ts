/** `modelkeep train`: a model file, data and a recipe in; a trained model file and a run's folder out. */
import { resolve } from "node:path";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { writeModel } from "../../../model/onnx/index.ts";
import { train, trainToEnd } from "../../../model/train/index.node.ts";
import type { Checkpoint, EpochRecord, Recipe, Stopped, TrainEvent, TrainResult } from "../../../model/train/index.node.ts";
import { readModelAt } from "../model/read-file.ts";
import { writeWhole } from "../write-whole.ts";
import { begin } from "./begin.ts";
import type { BeginRequest } from "./begin.ts";
import type { DataRequest } from "./open-set.ts";
import { outcomeOf, versionsHere, withRecord } from "./record.ts";
import type { TrainingRecord } from "./record.ts";
import { badRun, createRun, runAt } from "./run-folder.ts";
import type { RunFolder } from "./run-folder.ts";
import { chooseText } from "./text.ts";
import type { ChosenText } from "./tokenizer-source.ts";
import { aboutSet, openSets, seenBy } from "./training-sets.ts";

/** What a training is asked. Plain data: a run's manifest holds it. */
export interface TrainRequest extends DataRequest, BeginRequest {
  readonly model: string;
  readonly out: string;
  readonly recipe: Recipe;
  /** A share of the data, or data of its own. */
  readonly validation?: number | string | undefined;
}

/** How it is done; none of it changes the result. */
export interface TrainWays {
  /** Folder of runs. Default `runs`. */
  readonly runs?: string | undefined;
  /** A checkpoint after so many steps; else each minute and at the end of each epoch. */
  readonly checkpointEvery?: number | undefined;
  readonly tell?: (progress: Progress) => void;
  readonly clock?: Clock;
  readonly command?: string;
}

/** An event, and what a person wants to know while waiting. */
export interface Progress {
  readonly event: TrainEvent;
  /** Examples a second, of late. */
  readonly rate: number;
  readonly etaSeconds: number;
  readonly steps: number;
}

/** What came of it. */
export interface TrainReport {
  readonly out: string | null;
  readonly run: string;
  readonly stopped: Stopped;
  readonly steps: number;
  readonly epochs: readonly EpochRecord[];
  readonly best: EpochRecord | null;
  readonly data: TrainingRecord["data"];
  readonly validation: TrainingRecord["data"] | null;
  readonly recipe: TrainResult["settings"];
  readonly seconds: number;
  /** Share of the time in which no step could run because its examples were not there. */
  readonly dataShare: number;
}

/**
 * Trains a model file.
 * @throws what reading model and data throw, and train/…
 */
export async function trainModel(request: TrainRequest, ways: TrainWays = {}): Promise<TrainReport> {
  const run = await createRun(ways.runs ?? "runs", (ways.clock ?? systemClock).now());
  return trainIn(run, { ...request, model: resolve(request.model), out: resolve(request.out) }, ways);
}

/**
 * Goes on where a run stopped, with what its manifest says.
 * @throws train/bad-run · train/bad-checkpoint
 */
export async function resumeTraining(folder: string, ways: TrainWays = {}): Promise<TrainReport> {
  const run = runAt(folder);
  const { request, data } = (await run.manifest()) as { readonly request?: TrainRequest; readonly data?: TrainingRecord["data"] };
  if (request?.model === undefined || data?.digest === undefined) throw badRun(folder);
  return trainIn(run, request, ways, { checkpoint: await run.checkpoint(), digest: data.digest });
}

interface Resumed {
  readonly checkpoint: Checkpoint | undefined;
  readonly digest: string;
}

async function trainIn(run: RunFolder, request: TrainRequest, ways: TrainWays, resumed?: Resumed): Promise<TrainReport> {
  const file = await readModelAt(request.model);
  const { reading, ...sets } = await openSets({ ...request, seed: request.recipe.seed ?? 0 });
  const data = await aboutSet(sets.data);
  const validation = sets.validation === undefined ? undefined : await aboutSet(sets.validation);
  if (resumed !== undefined && resumed.digest !== data.digest) throw badRun(run.path);
  const text = await chooseText(file.model, sets.data, request.text);
  const model = begin(file.model, request, { set: sets.data, schema: reading.schema, seed: request.recipe.seed ?? 0 });
  const from = { digest: file.digest, scratch: request.fromScratch ?? false };
  const known = { data, ...(validation === undefined ? {} : { validation }), from, versions: versionsHere() };
  if (resumed === undefined)
    await run.write("manifest.json", {
      command: ways.command ?? null,
      replay: `modelkeep train --resume ${run.path}`,
      request,
      ...known,
    });
  const clock = ways.clock ?? systemClock;
  const told = progress(ways, request.recipe.batch ?? 64, clock);
  const training = train({
    ...request.recipe,
    model,
    ...seenBy(model, sets, text),
    ...(request.output === undefined ? {} : { output: request.output }),
    ...(resumed?.checkpoint === undefined ? {} : { resume: resumed.checkpoint }),
    checkpointWhen: dueAfter(ways.checkpointEvery, clock),
  });
  const result = await trainToEnd(training, async (event) => {
    if (event.kind === "checkpoint") await run.saveCheckpoint(event.checkpoint);
    told(event);
  });
  const changed = {
    ...(request.replace === undefined ? {} : { replaced: request.replace }),
    ...(request.standardize === true ? { standardized: true as const } : {}),
  };
  return finish(run, request, {
    result,
    text,
    record: { version: 1, ...known, ...outcomeOf(result), ...changed, ...reading, ...(text && { text: text.reading }) },
  });
}

function dueAfter(every: number | undefined, clock: Clock): (step: number) => boolean {
  if (every !== undefined) return (step) => step % every === 0;
  let last = clock.monotonic();
  return () => {
    if (clock.monotonic() - last < 60_000) return false;
    last = clock.monotonic();
    return true;
  };
}

function progress({ tell }: TrainWays, batch: number, clock: Clock): (event: TrainEvent) => void {
  let [steps, first, started] = [0, 0, clock.monotonic()];
  return (event) => {
    if (event.kind === "start") [steps, first, started] = [event.steps, event.step, clock.monotonic()];
    const done = event.kind === "step" ? event.step - first : event.kind === "epoch" ? event.record.step - first : 0;
    const seconds = (clock.monotonic() - started) / 1000;
    const aStep = done === 0 ? 0 : seconds / done;
    tell?.({ event, rate: aStep === 0 ? 0 : batch / aStep, etaSeconds: aStep * (steps - first - done), steps });
  };
}

async function finish(
  run: RunFolder,
  request: TrainRequest,
  {
    result,
    record,
    text,
  }: { readonly result: TrainResult; readonly record: TrainingRecord; readonly text: ChosenText | undefined },
): Promise<TrainReport> {
  // Without a whole epoch a diverged training has learnt nothing that could be kept.
  const isKept = result.stopped !== "diverged" || result.history.length > 0;
  if (isKept) await writeWhole(request.out, writeModel(withRecord(result.model, record, text)));
  const report: TrainReport = {
    out: isKept ? request.out : null,
    run: run.path,
    stopped: result.stopped,
    steps: result.steps,
    epochs: result.history,
    best: result.history.find(({ epoch }) => epoch === result.bestEpoch) ?? null,
    data: record.data,
    validation: record.validation ?? null,
    recipe: result.settings,
    seconds: result.time.totalMs / 1000,
    dataShare: result.time.dataMs / result.time.totalMs,
  };
  await run.write("result.json", report);
  await run.curves(result.history);
  return report;
}
