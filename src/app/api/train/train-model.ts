/** `modelkeep train`: a model file, data and a recipe in; a trained model file and a run's folder out. */
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { writeModel } from "../../../model/onnx/index.ts";
import { train, trainToEnd } from "../../../model/train/index.node.ts";
import type { Checkpoint, EpochRecord, Recipe, Stopped, TrainResult } from "../../../model/train/index.node.ts";
import { readModelAt } from "../model/read-file.ts";
import { writeWhole } from "../write-whole.ts";
import { begin } from "./begin.ts";
import type { BeginRequest } from "./begin.ts";
import type { DataRequest } from "./open-set.ts";
import { outcomeOf, versionsHere, withRecord } from "./record.ts";
import type { TrainingRecord } from "./record.ts";
import { dueAfter, progress } from "./progress.ts";
import type { Progress } from "./progress.ts";
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
  return trainIn({ ...request, model: resolve(request.model), out: resolve(request.out) }, ways);
}

/**
 * Goes on where a run stopped, with what its manifest says.
 * @throws train/bad-run · train/bad-checkpoint when the data or the model's file is another by now
 */
export async function resumeTraining(folder: string, ways: TrainWays = {}): Promise<TrainReport> {
  const run = runAt(folder);
  const { request, data, from } = (await run.manifest()) as Partial<Manifest>;
  if (request?.model === undefined || data?.digest === undefined || from?.digest === undefined) throw badRun(folder);
  return trainIn(request, ways, { run, checkpoint: await run.checkpoint(), data: data.digest, model: from.digest });
}

interface Manifest extends Pick<TrainingRecord, "data" | "from"> {
  readonly request: TrainRequest;
}

interface Resumed {
  readonly run: RunFolder;
  readonly checkpoint: Checkpoint | undefined;
  /** Digests of what the run began with. */
  readonly data: string;
  readonly model: string;
}

async function trainIn(request: TrainRequest, ways: TrainWays, resumed?: Resumed): Promise<TrainReport> {
  await placeFor(request.out);
  const file = await readModelAt(request.model);
  if (resumed !== undefined && resumed.model !== file.digest) throw hasChanged(request.model, resumed.run.path);
  const { reading, ...sets } = await openSets({ ...request, seed: request.recipe.seed ?? 0 });
  const data = await aboutSet(sets.data);
  const validation = sets.validation === undefined ? undefined : await aboutSet(sets.validation);
  if (resumed !== undefined && resumed.data !== data.digest) throw hasChanged(request.data, resumed.run.path);
  const text = await chooseText(file.model, sets.data, request.text);
  const model = begin(file.model, request, { set: sets.data, schema: reading.schema, seed: request.recipe.seed ?? 0 });
  const from = { digest: file.digest, scratch: request.fromScratch ?? false };
  const known = { data, ...(validation === undefined ? {} : { validation }), from, versions: versionsHere() };
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
  // What is refused leaves no folder behind: the trainer has looked at everything when it says that it starts.
  let run = resumed?.run;
  const result = await trainToEnd(training, async (event) => {
    run ??= await begun(request, ways, known);
    if (event.kind === "checkpoint") await run.saveCheckpoint(event.checkpoint);
    told(event);
  });
  const changed = {
    ...(request.replace === undefined ? {} : { replaced: request.replace }),
    ...(request.standardize === true ? { standardized: true as const } : {}),
  };
  return finish(run!, request, {
    result,
    text,
    record: { version: 1, ...known, ...outcomeOf(result), ...changed, ...reading, ...(text && { text: text.reading }) },
  });
}

/** A new run's folder, with what was asked. */
async function begun(request: TrainRequest, ways: TrainWays, known: Manifest | object): Promise<RunFolder> {
  const run = await createRun(ways.runs ?? "runs", (ways.clock ?? systemClock).now());
  const replay = `modelkeep train --resume ${run.path}`;
  await run.write("manifest.json", { command: ways.command ?? null, replay, request, ...known });
  return run;
}

/** The folder of the trained file: it is made now, because an hour later is too late to hear that it cannot be. */
async function placeFor(out: string): Promise<void> {
  try {
    await mkdir(dirname(out), { recursive: true });
  } catch (cause) {
    throw new ModelkeepError("api/bad-input", {
      message: `${quote(out, 200)} cannot be written: ${(cause as NodeJS.ErrnoException).code}`,
      hint: "give --out a place in a folder that this user may write to",
      exit: 4,
      status: 400,
      cause,
    });
  }
}

const hasChanged = (what: string, run: string): ModelkeepError =>
  new ModelkeepError("train/bad-checkpoint", {
    message: `${quote(what, 160)} is not what the run ${quote(run, 160)} began with`,
    hint: "bring back the file of that time, or start a new run",
    exit: 4,
    status: 400,
  });

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
