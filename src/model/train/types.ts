/** What training takes, gives and tells on the way. */
import type { Seeded } from "../../base/math/index.ts";
import type { Dataset } from "../data/index.ts";
import type { Dim, ElementType, GraphBuilder, Model, Tensor } from "../onnx/index.ts";
import type { Resident, ResidentModel } from "../runtime/index.ts";
import type { Trend } from "./divergence.ts";
import type { LossName } from "./losses/index.ts";
import type { OptimizerName } from "./optimizers/index.ts";
import type { ScheduleName } from "./schedule.ts";
import type { Settings } from "./settings.ts";

/** How the weights are to be learnt. Whatever is here decides the result; the rest of {@link TrainOptions} does not. */
export interface Recipe {
  readonly epochs: number;
  /** Examples a step. Default 64. */
  readonly batch?: number;
  /** Default: cross-entropy for class numbers, binary for a single score of two classes, mse for numbers. */
  readonly loss?: LossName;
  /** Share of each label that is spread over all classes (Szegedy et al. 2016, arXiv:1512.00567). Default 0. */
  readonly labelSmoothing?: number;
  /** Default adamw. */
  readonly optimizer?: OptimizerName;
  /** Peak learning rate. Default the optimiser's. */
  readonly lr?: number;
  /** sgd: default 0.9. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly betas?: readonly [number, number];
  readonly epsilon?: number;
  readonly weightDecay?: number;
  readonly schedule?: ScheduleName;
  /** Steps over which the learning rate rises to its peak. */
  readonly warmup?: number;
  /** Largest norm of all gradients together. */
  readonly clipNorm?: number;
  /** Largest size of each element of a gradient. */
  readonly clipValue?: number;
  /** Weights are averaged over steps with this decay, and the averages are what is validated and kept. */
  readonly ema?: number;
  /** Patterns (`backbone.*`) of weights that stay as they are. */
  readonly freeze?: readonly string[];
  /** Examples of rare classes count more: each class has the same say. */
  readonly balance?: boolean;
  readonly seed?: number;
  readonly threads?: number;
  /** Stops when validation has not become better for so many epochs; the best weights are kept in any case. */
  readonly patience?: number;
  /** Stops after so many steps, whatever epochs say. */
  readonly maxSteps?: number;
}

/** What {@link train} takes. */
export interface TrainOptions extends Recipe {
  readonly model: Model;
  readonly data: Dataset;
  /** Examples that are only looked at. */
  readonly validation?: Dataset;
  /** The output that the loss is taken of; default the first float output. */
  readonly output?: string;
  /** Which field of the data each input of the model takes. Default: the field of its name, else the only one that is no target. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly hooks?: TrainHooks;
  /** Where to go on: what {@link TrainEvent} `checkpoint` gave. */
  readonly resume?: Checkpoint;
  /** Whether a checkpoint is wanted after this step, beside that at the end of each epoch. It never changes the result. */
  readonly checkpointWhen?: (step: number) => boolean;
  readonly signal?: AbortSignal;
}

/** Some examples as the model takes them. */
export interface TrainBatch {
  readonly size: number;
  /** By the names of the model's inputs. */
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly labels: Tensor;
  /** Which examples of the data these are. */
  readonly rows: Uint32Array;
  /** Values of inputs that {@link TermSite.extra} added. */
  readonly extra?: Readonly<Record<string, Tensor>>;
}

/** Where training is when a hook is called. */
export interface StepContext {
  /** Counted from 0 over all epochs. */
  readonly step: number;
  readonly epoch: number;
  /** Randomness of this step alone: the same after a resume. */
  readonly rng: Seeded;
  /** Current weights and statistics by their names in the model, where the models run. */
  readonly place: Resident;
  /**
   * Opens a model over the current weights: its stored constants named as weights are become state, whatever they hold in the file.
   * An attack derives its graph from `TrainOptions.model` and opens it here once.
   */
  open(model: Model): Promise<ResidentModel>;
}

/** Gradients by the names of weights, row-major. A hook may change them in place. */
export type Gradients = Readonly<Record<string, Float32Array>>;

/** The loss graph, while it is written. Values are known by name, as in {@link GraphBuilder}. */
export interface TermSite {
  readonly b: GraphBuilder;
  readonly batch: number;
  /** Value by the name of the model's input; the same names here. */
  readonly inputs: readonly string[];
  /** The value that the loss is taken of: logits, or numbers. */
  readonly output: string;
  readonly outputDims: readonly Dim[];
  readonly labels: string;
  /** Losses of single examples, [batch]. */
  readonly losses: string;
  /** The model's weights that are trained. */
  readonly weights: readonly string[];
  /** Adds an input to the step; its value comes with {@link TrainBatch.extra}. */
  extra(name: string, type: ElementType, dims: readonly number[]): string;
  /** The model once more, with the same weights, on other values of its inputs; gives the value that stands for {@link output}. */
  apply(inputs: Readonly<Record<string, string>>): string;
  /** Per-example losses of another value against labels. */
  lossOf(output: string, labels?: string): string;
}

/** What is to be differentiated. */
export interface DifferentiateRequest {
  /** The model with its loss; batch size fixed, batch norm in training form, weights stored. */
  readonly model: Model;
  /** Output of the model: the mean loss, a scalar. */
  readonly loss: string;
  /** Inner value of the model: losses of single examples, [batch]. */
  readonly losses: string;
  readonly weights: readonly string[];
  /** Outputs or inner values that the result must give too. */
  readonly keep: readonly string[];
}

/** A graph of gradients. */
export interface Differentiated {
  readonly model: Model;
  /** Output that holds the gradient, by weight. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly lossOutput: string;
}

/** Places where others change what training does. All are optional, all see the same step. */
export interface TrainHooks {
  /** Another batch in place of this one: adversarial examples, augmentation. The batch's memory may be read, not changed. */
  perturb?(batch: TrainBatch, context: StepContext): TrainBatch | Promise<TrainBatch>;
  /** How much each example counts; 1 is as usual. */
  weigh?(batch: TrainBatch, context: StepContext): Float32Array | Promise<Float32Array>;
  /** A scalar that is added to the loss. With `replace`, it stands for the loss. */
  term?(site: TermSite): string | { readonly replace: string };
  /** Changes gradients before the optimiser sees them: noise, clipping, masks. Costs their way between threads. */
  update?(gradients: Gradients, context: StepContext): Gradients | Promise<Gradients>;
  /** Another way to gradients than the mean's: clipped sums of single examples. */
  differentiate?(request: DifferentiateRequest): Differentiated;
  /** Further inputs of the graph that {@link differentiate} wrote, for this step. */
  feeds?(context: StepContext): Readonly<Record<string, Tensor>>;
}

/** One epoch, as it went. */
export interface EpochRecord {
  readonly epoch: number;
  readonly step: number;
  /** Mean over the epoch's steps. */
  readonly loss: number;
  readonly lr: number;
  readonly validation?: Readonly<Record<string, number>>;
  /** Whether this epoch's weights are the best so far. */
  readonly best: boolean;
}

/** All that is needed to go on with the same result, bit by bit. */
export interface Checkpoint {
  /** What the checkpoint belongs to: model, data and recipe. */
  readonly fingerprint: string;
  readonly epoch: number;
  /** Steps done, of all and of this epoch. */
  readonly step: number;
  readonly stepOfEpoch: number;
  /** Sum of the losses of this epoch's steps. */
  readonly lossSum: number;
  readonly history: readonly EpochRecord[];
  readonly bestScore: number | undefined;
  readonly sinceBest: number;
  /** How the loss has gone: what tells that it grows without bound. */
  readonly trend: Trend | undefined;
  /** Weights, statistics, optimiser state, averages; the best weights as `best(NAME)`. */
  readonly state: Readonly<Record<string, Tensor>>;
}

/** What training tells on its way. */
export type TrainEvent =
  | {
      readonly kind: "start";
      readonly weights: readonly string[];
      readonly parameters: number;
      readonly frozen: readonly string[];
      readonly steps: number;
      readonly step: number;
    }
  | { readonly kind: "step"; readonly step: number; readonly epoch: number; readonly loss: number; readonly lr: number }
  | { readonly kind: "epoch"; readonly record: EpochRecord }
  | { readonly kind: "checkpoint"; readonly checkpoint: Checkpoint };

/** Why training ended. */
export type Stopped = "epochs" | "steps" | "patience" | "diverged" | "aborted";

/** What training gives. */
export interface TrainResult {
  /** The model with the best weights (without validation, the last). */
  readonly model: Model;
  readonly weights: Readonly<Record<string, Tensor>>;
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights these are; undefined when no epoch was finished. */
  readonly bestEpoch: number | undefined;
  readonly stopped: Stopped;
  readonly steps: number;
  /** The recipe with every default filled in. */
  readonly settings: Settings;
  /** Milliseconds spent on getting batches, on hooks, and inside steps. */
  readonly time: { readonly dataMs: number; readonly stepMs: number; readonly totalMs: number };
}
