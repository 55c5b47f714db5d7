/** What is attacked, seen through what it tells: labels, scores, or gradients as well. */
import type { Fact } from "../../model/autodiff/index.ts";
import type { Model } from "../../model/onnx/index.ts";
import type { DescentQuestion } from "./carlini/question.ts";
import type { SquareQuestion } from "./square/question.ts";

/** What an attack must know: only the answer, the numbers behind it, or the model itself. */
export type Knowledge = "decisions" | "scores" | "gradient";

/** Rows of examples, one after another. */
export interface Rows {
  readonly x: Float32Array;
  readonly count: number;
  /** Which of the target's examples each row is of; row i is of example i when absent. Read where {@link AttackTarget.about} is there. */
  readonly examples?: Int32Array | undefined;
}

/**
 * A loss over logits z of an example of class y, one number for each example; attacks raise it. `cross-entropy` · `margin`: largest other
 * logit − z_y · `dlr`: Croce and Hein 2020 (arXiv:2003.01690), eq. 6 · `dlr-targeted`: eq. 7 · `margin-targeted`: z_t − z_y ·
 * `lead-targeted`: z_t − largest other logit · `cross-entropy-targeted`: log softmax(z)_t · `log-wrong`: log(1 − softmax(z)_y), which levels off once the answer is wrong, so that of many views
 * of an example those count that still show the right class · `weighted`: Σ wₖ zₖ with weights of the caller's.
 */
export type LossKind =
  | "cross-entropy"
  | "cross-entropy-targeted"
  | "margin"
  | "margin-targeted"
  | "lead-targeted"
  | "dlr"
  | "dlr-targeted"
  | "log-wrong"
  | "weighted";

/** What a loss is taken of, beside the examples. */
export interface LossFeed {
  /** The class of each row. */
  readonly labels: Int32Array;
  /** The class wanted for each row, for targeted losses. */
  readonly targets?: Int32Array | undefined;
  /** For `weighted`: one number for each class of each row. */
  readonly weights?: Float32Array | undefined;
}

/** A loss, its derivative by the example, and the logits, all at the same point. */
export interface LossAnswer {
  readonly loss: Float32Array;
  readonly gradient: Float32Array;
  readonly scores: Float32Array;
}

/** Where a climb is: a block of each, a row for each example. */
export interface ClimbState {
  /** The points. */
  readonly x: Float32Array;
  /** The gradient of the loss there. */
  readonly slope: Float32Array;
  /** For steps with momentum: the points before, and the best so far with its gradient and its loss. */
  readonly memory?: {
    readonly old: Float32Array;
    readonly best: Float32Array;
    readonly bestSlope: Float32Array;
    readonly bestLoss: Float32Array;
  };
}

/** Where a climb may go and how. */
export interface ClimbFeed {
  readonly labels: Int32Array;
  readonly targets?: Int32Array | undefined;
  /** The box of each row. */
  readonly low: Float32Array;
  readonly high: Float32Array;
  /** Length of the signed step of each row. */
  readonly size: Float32Array;
  readonly steps: number;
  /** As in {@link Rows}. */
  readonly examples?: Int32Array | undefined;
  /** With memory: how much of a step is new; the rest is the last one again. */
  readonly alpha?: number;
}

/** What came of it: a row that was answered wrongly stayed where that was. */
export interface ClimbAnswer extends ClimbState {
  /** For each row its loss after each step, and its logits. */
  readonly losses: Float32Array;
  readonly scores: Float32Array;
}

/** Options of one question. */
export interface AskOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before a row of the question is asked once more, by itself; it counts again. False when it may not be: then it has no answer. */
  readonly again?: ((row: number) => boolean) | undefined;
}

/** The inside of a model: only where the file itself is at hand. */
export interface WhiteBox {
  /** The graph from the attacked input to the logits, for attacks that write graphs of their own around it. */
  readonly model: Model;
  readonly input: string;
  readonly logits: string;
  /** Nodes where the gradient should not be trusted. */
  readonly facts: readonly Fact[];
  /** @throws autodiff/… when the loss cannot be differentiated */
  gradient(loss: LossKind, rows: Rows, feed: LossFeed, options?: AskOptions): Promise<LossAnswer>;
  /**
   * Several steps of signed ascent within a box in one question. INVARIANT: it follows {@link WhiteBox.gradient} and stops at the model's own
   * wrong answers; who changes either leaves this out.
   */
  climb?(loss: LossKind, from: ClimbState, feed: ClimbFeed, options?: AskOptions): Promise<ClimbAnswer>;
  /** Several steps of Adam in tanh space in one question (Carlini and Wagner 2017). INVARIANT: as for {@link WhiteBox.climb}. */
  readonly descend?: DescentQuestion;
}

/** Logits, `classes` a row. */
export interface ScoreQuestion {
  (rows: Rows, options?: AskOptions): Promise<Float32Array>;
  /** Several rounds of a search over patches in one question. It belongs to the question, so that who answers in another way has it not. */
  readonly squares?: SquareQuestion;
}

/** A model that answers; whoever asks counts (see {@link createLedger}). */
export interface AttackTarget {
  readonly name: string;
  readonly knowledge: Knowledge;
  readonly classes: number;
  /** The class, the last one, that means a refusal: what a detector in front flags. To be refused is no success of an attack. */
  readonly refusal?: number | undefined;
  /** Dimensions of one example, and their product. */
  readonly rowDims: readonly number[];
  readonly rowSize: number;
  /** Facts that whoever judges an attack wants to know: a Softmax that was cut off, an output that means something else. */
  readonly notes: readonly string[];
  readonly whiteBox?: WhiteBox;
  /** Logits, `classes` a row. Absent when the target gives labels only. */
  readonly scores?: ScoreQuestion;
  /** The class of each row; −1 where the model gave no number. */
  decide(rows: Rows, options?: AskOptions): Promise<Int32Array>;
  /**
   * The same target for a run over these of its examples only, which are counted from 0 there. Only where a row's answer depends on the example it
   * is of: its scores say whether what is true of that example still holds.
   */
  about?(examples: Int32Array): AttackTarget;
  close(): Promise<void>;
}

/** A target as a run over some of its examples sees it. */
export const narrowed = (target: AttackTarget, examples: Int32Array): AttackTarget => target.about?.(examples) ?? target;

/** Classes that an example may have: without the one that means a refusal. */
export const realClasses = ({ classes, refusal }: Pick<AttackTarget, "classes" | "refusal">): number =>
  refusal === undefined ? classes : classes - 1;

/** The class with the largest score of each row, −1 where one of them is not a number. */
export function decisions(scores: Float32Array, classes: number): Int32Array {
  const labels = new Int32Array(scores.length / classes);
  for (let row = 0; row < labels.length; row++) {
    let best = 0;
    for (let k = 0; k < classes; k++) {
      const score = scores[row * classes + k]!;
      if (score !== score) {
        best = -1;
        break;
      }
      if (score > scores[row * classes + best]!) best = k;
    }
    labels[row] = best;
  }
  return labels;
}
