/**
 * How a task beyond classification is stated: as nodes behind a model's outputs that are told the truth about each example and score whether it
 * still holds. The first score stands for "it holds", so that every attack, verdict and check works on any task as it does on classes.
 */
import type { GraphBuilder, Model, TensorSpec } from "../../../model/onnx/index.ts";
import type { LossKind } from "../../attack/index.ts";

/** What a person declares about a task. */
export interface TaskSettings {
  /** Regression: how far off an answer may be, for every output or for each. */
  readonly tolerance?: readonly number[] | undefined;
  /** Regression with several outputs: the largest error counts, each in its tolerance, or the length of all. */
  readonly distance?: "max" | "l2" | undefined;
  /** Segmentation: share of the labelled pixels that must be right. Detection: share of the objects that must be found. */
  readonly hold?: number | undefined;
  /** Detection: the least score of a box that counts. */
  readonly confidence?: number | undefined;
  /** Detection: what the four numbers of a box are. */
  readonly boxes?: "xyxy" | "cxcywh" | undefined;
}

/** What a task stands behind. */
export interface TaskSite {
  readonly b: GraphBuilder;
  /** The model's outputs, float32, the batch first: as many as the task takes. */
  readonly outputs: readonly TensorSpec[];
  /** The graph's input for what is true of each row, and its sizes behind the batch. */
  readonly truth: { readonly name: string; readonly dims: readonly number[]; readonly data: Float32Array };
  readonly settings: TaskSettings;
}

/** A quantity that attacks make worse. */
export interface TaskFigure {
  readonly id: string;
  readonly title: string;
  /** Of the graph, a number for each row. */
  readonly value: string;
  readonly worse: "larger" | "smaller";
}

/** What a task wrote. */
export interface TaskHead {
  /** Scores, a column for each of {@link TaskHead.answers}. */
  readonly scores: string;
  /** What each score stands for; the first one that it holds. */
  readonly answers: readonly string[];
  /** Values of the graph that attacks climb in place of losses of scores. */
  readonly losses: Partial<Readonly<Record<LossKind, string>>>;
  readonly figures: readonly TaskFigure[];
  /** The sentence that says when an example counts as right. */
  readonly holds: string;
  readonly notes: readonly string[];
}

/** A task. */
export interface Task {
  readonly id: string;
  readonly title: string;
  /** The outputs it takes, in words. */
  readonly takes: string;
  /** How many outputs. */
  readonly outputs: number;
  readonly references: readonly string[];
  /** The model without what ends it and changes no answer, where gradients would vanish in it. */
  bare?(model: Model, truth: Pick<TaskSite["truth"], "dims">): Model;
  /** @throws assess/unsupported-task when the outputs are not those of the task · assess/bad-data when the truth does not fit them */
  head(site: TaskSite): TaskHead;
}

export const defineTask = (task: Task): Task => task;
