/** `modelkeep train`: a model file, data and a recipe in; a trained model file and a run's folder out. */
import { resolve } from "node:path";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import { writeModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { train, trainToEnd } from "../../../model/train/index.node.ts";
import type {
  Checkpoint,
  EpochRecord,
  Recipe,
  Stopped,
  TrainEvent,
  TrainOptions,
  TrainResult,
} from "../../../model/train/index.node.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import { placeFor } from "../place-for.ts";
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
  /** Ends the training after the step that runs, with a checkpoint. */
  readonly signal?: AbortSignal;
}

/** A way to learn that is not plain training. */
export interface Lesson {
  /** The command that goes on with it. */
  readonly verb: string;
  /** What the record says of it. */
  readonly about: object;
  start(options: TrainOptions): AsyncGenerator<TrainEvent, TrainResult>;
  /** Looks at what was learnt, with the examples kept apart; what it gives stands in the record and in the report. */
  judge(model: Model, apart: IndexedDataset): Promise<object>;
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
  return trainIn(absolute(request), ways);
}

/** The same request from any folder. */
export const absolute = <Request extends TrainRequest>(request: Request): Request => ({
  ...request,
  model: resolve(request.model),
  out: resolve(request.out),
});

/**
 * Goes on where a run stopped, with what its manifest says.
 * @throws train/bad-run · train/bad-checkpoint when the data or the model's file is another by now
 */
export async function resumeTraining(folder: string, ways: TrainWays = {}): Promise<TrainReport> {
  const { request, resumed } = await stoppedRun<TrainRequest>(folder);
  return trainIn(request, ways, { resumed });
}

/** A run that was begun. @throws train/bad-run · train/bad-checkpoint */
export async function stoppedRun<Request extends TrainRequest>(
  folder: string,
): Promise<{ readonly request: Request; readonly resumed: Resumed }> {
  const run = runAt(folder);
  const { request, data, from } = (await run.manifest()) as Partial<Manifest>;
  if (request?.model === undefined || data?.digest === undefined || from?.digest === undefined) throw badRun(folder);
  return {
    request: request as Request,
    resumed: { run, checkpoint: await run.checkpoint(), data: data.digest, model: from.digest },
  };
}

interface Manifest extends Pick<TrainingRecord, "data" | "from"> {
  readonly request: TrainRequest;
}

/** Where a run stopped. */
export interface Resumed {
  readonly run: RunFolder;
  readonly checkpoint: Checkpoint | undefined;
  /** Digests of what the run began with. */
  readonly data: string;
  readonly model: string;
}

/** A training, from its beginning or from where it stopped. */
export async function trainIn(
  request: TrainRequest,
  ways: TrainWays,
  { resumed, lesson }: { readonly resumed?: Resumed | undefined; readonly lesson?: Lesson } = {},
): Promise<TrainReport> {
  await placeFor(request.out);
  const file = await readWholeModelAt(request.model);
  if (resumed !== undefined && resumed.model !== file.digest) throw hasChanged(request.model, resumed.run.path);
  const { reading, ...sets } = await openSets({ ...request, seed: request.recipe.seed ?? 0 });
  const data = await aboutSet(sets.data);
  const validation = sets.validation === undefined ? undefined : await aboutSet(sets.validation);
  if (resumed !== undefined && resumed.data !== data.digest) throw hasChanged(request.data, resumed.run.path);
  const text = await chooseText(file.model, sets.data, request.text);
  const model = begin(file.model, request, { set: sets.data, schema: reading.schema, seed: request.recipe.seed ?? 0 });
  const from = { digest: file.digest, scratch: request.fromScratch ?? false };
  const known = { data, ...(validation === undefined ? {} : { validation }), from, versions: versionsHere(), ...lesson?.about };
  const clock = ways.clock ?? systemClock;
  const told = progress(ways, request.recipe.batch ?? 64, clock);
  const training = (lesson?.start ?? train)({
    ...request.recipe,
    model,
    ...seenBy(model, lesson === undefined ? sets : { data: sets.data }, text),
    ...(ways.signal === undefined ? {} : { signal: ways.signal }),
    ...(request.output === undefined ? {} : { output: request.output }),
    ...(resumed?.checkpoint === undefined ? {} : { resume: resumed.checkpoint }),
    checkpointWhen: dueAfter({ every: ways.checkpointEvery, signal: ways.signal }, clock),
  });
  // What is refused leaves no folder behind: the trainer has looked at everything when it says that it starts.
  let run = resumed?.run;
  const result = await trainToEnd(training, async (event) => {
    run ??= await begun({ request, ways, known, verb: lesson?.verb ?? "train" });
    if (event.kind === "checkpoint") await run.saveCheckpoint(event.checkpoint);
    told(event);
  });
  const changed = {
    ...(request.replace === undefined ? {} : { replaced: request.replace }),
    ...(request.standardize === true ? { standardized: true as const } : {}),
  };
  const judged = lesson === undefined || result.stopped === "aborted" ? {} : await lesson.judge(result.model, sets.validation!);
  const outcome = { ...outcomeOf(result), ...changed, ...reading, ...(text && { text: text.reading }), ...judged };
  return finish(run!, request, {
    result,
    text,
    record: { version: 1, ...known, ...outcome },
    more: { ...lesson?.about, ...judged },
  });
}

interface Begun {
  readonly request: TrainRequest;
  readonly ways: TrainWays;
  readonly known: object;
  readonly verb: string;
}

/** A new run's folder, with what was asked. */
async function begun({ request, ways, known, verb }: Begun): Promise<RunFolder> {
  const run = await createRun(ways.runs ?? "runs", (ways.clock ?? systemClock).now());
  const replay = `modelkeep ${verb} --resume ${run.path}`;
  await run.write("manifest.json", { command: ways.command ?? null, replay, request, ...known });
  return run;
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
    more,
  }: {
    readonly result: TrainResult;
    readonly record: TrainingRecord;
    readonly text: ChosenText | undefined;
    readonly more: object;
  },
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
    ...more,
  };
  await run.write("result.json", report);
  await run.curves(result.history);
  return report;
}
