/** What an attack sees: its batch, its radius, and a model that is asked through the runner. */
import type { Seeded } from "../../base/math/index.ts";
import type { ClimbAnswer, ClimbFeed, ClimbState, LossAnswer, LossKind, WhiteBox } from "./target.ts";
import type { DescentAnswer, DescentFeed, DescentState } from "./carlini/question.ts";
import type { Room } from "./ball.ts";
import type { SquareAnswer, SquarePatches, SquareState } from "./square/question.ts";

/** The examples under attack. Rows are counted from 0 within the batch. */
export interface AttackBatch {
  readonly size: number;
  /** The examples as they are, `rowSize` numbers each. */
  readonly x: Float32Array;
  readonly labels: Int32Array;
  /** The classes to reach, when the goal is targeted. */
  readonly targets: Int32Array | undefined;
}

/** What gradient questions may say beside the points. */
export interface GradientFeed {
  /** Classes to move to, one for each row asked; default the goal's. */
  readonly targets?: Int32Array;
  /** For the loss `weighted`: one number for each class of each row asked. */
  readonly weights?: Float32Array;
  /** False keeps the loss out of the record by which an attack's strength is judged: for questions beside the main loop. */
  readonly recorded?: boolean;
}

/** How a climb goes; `targets` as in {@link GradientFeed}. */
export type ClimbSteps = Pick<ClimbFeed, "size" | "steps" | "alpha" | "targets">;

/** How a descent goes. */
export type DescentSteps = Pick<DescentFeed, "origin" | "constant" | "confidence" | "rates">;

/** One attack on one batch at one radius. */
export interface AttackContext<Params = unknown> {
  readonly batch: AttackBatch;
  readonly params: Params;
  readonly room: Room;
  /** The radius; for attacks that look for the nearest wrong answer, the largest one of interest. */
  readonly epsilon: number;
  readonly classes: number;
  /** The class that means a refusal; undefined where nobody refuses. */
  readonly refusal: number | undefined;
  /** How many classes an example may be moved to. */
  readonly rivals: number;
  readonly rowDims: readonly number[];
  readonly rowSize: number;
  readonly rng: Seeded;
  /** The model's inside, for attacks that write graphs of their own. */
  readonly whiteBox: WhiteBox | undefined;
  /** Of these rows (all by default) those still worth attacking: not fallen at this radius, and with budget left. */
  standing(rows?: Int32Array): Int32Array;
  /** The nearest wrong answer found so far: its distance (infinite if none) and the example. */
  nearest(row: number): { readonly distance: number; readonly x: Float32Array | undefined };
  /**
   * Moves points to where the attacker may go: into the ball, between the bounds, to what the constraints allow. Every question does this
   * first, in place, so a loop need not.
   */
  project(rows: Int32Array, x: Float32Array): void;
  /** A random point of the ball around each row. */
  randomStart(rows: Int32Array): Float32Array;
  /** Logits; rows without budget get NaN. */
  scores(rows: Int32Array, x: Float32Array): Promise<Float32Array>;
  /** Classes; −1 where the model gave no number or there is no budget. */
  decide(rows: Int32Array, x: Float32Array): Promise<Int32Array>;
  /** Whether the goal is reached with this class. */
  wins(row: number, label: number): boolean;
  /** The loss that this attack raises, its gradient, and the logits. */
  gradient(loss: LossKind, rows: Int32Array, x: Float32Array, feed?: GradientFeed): Promise<LossAnswer>;
  /**
   * Several signed steps in one question, each counted and judged; rows must stand. Says how many were made, at most those asked for. Undefined
   * where steps are asked one by one.
   */
  readonly climb:
    | ((loss: LossKind, rows: Int32Array, from: ClimbState, how: ClimbSteps) => Promise<ClimbAnswer & { readonly steps: number }>)
    | undefined;
  /** Several steps of Carlini and Wagner's descent in one question, with the same promises. */
  readonly descend:
    | ((
        loss: LossKind,
        rows: Int32Array,
        from: DescentState,
        how: DescentSteps,
      ) => Promise<DescentAnswer & { readonly steps: number }>)
    | undefined;
  /**
   * Several rounds of a search over patches in one question, with the same promises; `patches` draws them for at most so many rounds. Says how many
   * were made; undefined where what is left is not enough for one round of all rows.
   */
  readonly squares:
    | ((
        rows: Int32Array,
        from: SquareState,
        patches: (most: number) => SquarePatches,
      ) => Promise<(SquareAnswer & { readonly rounds: number }) | undefined>)
    | undefined;
  /** Says that the attack begins anew, so that one can tell whether starting again still helps. */
  restart(): void;
  /**
   * Another attack's view of the same batch: composite attacks hand it to their parts. What it breaks is credited to `part`. With `free` its
   * points may leave the ball, for parts that look for the nearest wrong answer.
   */
  as<Other>(part: string, params: Other, options?: { readonly free?: boolean }): AttackContext<Other>;
}
