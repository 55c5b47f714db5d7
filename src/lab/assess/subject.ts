/** What is assessed: a model whose inside is at hand, or a target that only answers. */
import { differentiability } from "../../model/autodiff/index.ts";
import type { Fact } from "../../model/autodiff/index.ts";
import type { Model } from "../../model/onnx/index.ts";
import { areProbabilities, logarithmNote, openJudgedWith, openTargetWith, withLogarithms } from "../attack/index.ts";
import type { AttackTarget, OpenSession } from "../attack/index.ts";
import { jointClassifier } from "../defend/index.ts";
import type { Joint } from "../defend/index.ts";
import { revealScores } from "./adaptive/surrogate.ts";
import { judgedModel } from "./tasks/judged.ts";
import type { TaskModel, TaskRequest } from "./tasks/judged.ts";

export interface Subject {
  readonly target: AttackTarget;
  /** The file's graph, where there is one: from labels-only models the scores behind the labels. */
  readonly model: Model | undefined;
  readonly facts: readonly Fact[];
  readonly controlFlow: readonly string[];
  /** Sentences about what was done to make it answer. */
  readonly notes: readonly string[];
  /** What it is asked for beyond classes; undefined for a classifier. */
  readonly task?: TaskModel & { readonly id: string };
}

const branching = new Set(["Loop", "If", "Scan"]);

/** Loops and branches whose course only the data decides: exporters write others, over shapes, which are known before the model runs. */
const decidedByData = (facts: readonly Fact[]): readonly string[] =>
  facts.filter(({ op }) => branching.has(op)).map(({ node }) => node);

export interface SubjectOptions {
  readonly output?: string | undefined;
  readonly name: string;
  /** Sizes of one example, where the model leaves them open. */
  readonly rowDims?: readonly number[] | undefined;
  /** Examples one after another, of which the first tell whether scores are probabilities: they are then attacked by their logarithms. */
  readonly examples?: Float32Array | undefined;
}

/**
 * A model of a file as a subject.
 *
 * @throws attack/unsupported-model
 */
export async function openSubject(open: OpenSession, given: Model, options: SubjectOptions): Promise<Subject> {
  const { output, name } = options;
  const joint = jointClassifier(given, { output });
  if (joint !== undefined) return watched(open, joint, name);
  const revealed = revealScores(given);
  const { target, model } = await openLogits(open, revealed, options);
  const { facts } = differentiability(model);
  const controlFlow = decidedByData(facts);
  const notes =
    revealed === given ? target.notes : [...target.notes, "the choice of a class at the end was cut off: scores lie behind it"];
  return { target, model, facts, controlFlow, notes };
}

/** The target, and the model whose scores it shows: where those are probabilities to the end, the model with their logarithms. */
async function openLogits(
  open: OpenSession,
  model: Model,
  { output, name, rowDims, examples }: SubjectOptions,
): Promise<Pick<Subject, "target"> & { readonly model: Model }> {
  const given = { name, rowDims, ...(output === undefined ? {} : { output }) };
  const target = await openTargetWith(open, model, given);
  const count = Math.min(48, Math.floor((examples?.length ?? 0) / target.rowSize));
  if (examples === undefined || count === 0 || target.scores === undefined) return { target, model };
  const scores = await target.scores({ x: examples.slice(0, count * target.rowSize), count });
  if (!areProbabilities(scores, target.classes, 1e-5)) return { target, model };
  await target.close();
  const logarithms = withLogarithms(model, output);
  const shown = await openTargetWith(open, logarithms, given);
  return { target: { ...shown, notes: [...shown.notes, logarithmNote] }, model: logarithms };
}

/**
 * A model of a file with a task's question behind its outputs. Its labels are zeros: class 0 means that what is true of an example still holds.
 *
 * @throws assess/unsupported-task · assess/bad-data · attack/unsupported-model
 */
export async function openTaskSubject(
  open: OpenSession,
  given: Model,
  request: TaskRequest & { readonly name: string },
): Promise<Subject> {
  const task = judgedModel(given, request);
  const target = await openJudgedWith(open, task.judged, { name: request.name });
  const { facts } = differentiability(given);
  return {
    target,
    model: undefined,
    facts,
    controlFlow: decidedByData(facts),
    notes: target.notes,
    task: { ...task, id: request.task.id },
  };
}

/**
 * A model whose file carries a detector: refusals are a class of its own. An example is right when it is answered rightly and not refused, an attack
 * has won when the answer is wrong and not refused (Tramer 2022, arXiv:2107.11630, definition of robustness with a detector).
 */
async function watched(open: OpenSession, { model, detector }: Joint, name: string): Promise<Subject> {
  const target = await openTargetWith(open, model, { name, refuses: true });
  const note = `a detector (${detector.id}) refuses what it suspects: an attack counts where the answer is wrong and not refused, a refused example is not right`;
  return { target, model, facts: differentiability(model).facts, controlFlow: [], notes: [...target.notes, note] };
}

/** Something that answers over the wire. */
export const remoteSubject = (target: AttackTarget): Subject => ({
  target,
  model: undefined,
  facts: [],
  controlFlow: [],
  // Some are learnt only while it answers.
  get notes() {
    return target.notes;
  },
});
