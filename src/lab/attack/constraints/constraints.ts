/** What an example can look like at all: a person's age is whole and does not fall, exactly one of `job=…` is 1. */

/** Rules over the numbers of one example, by their positions. Every candidate of every attack is repaired until they hold. */
export interface Constraints {
  /** Numbers that stay as they are. */
  readonly immutable?: readonly number[];
  /** Numbers that are whole. */
  readonly integer?: readonly number[];
  /** Numbers that may only grow, or only fall. */
  readonly increasing?: readonly number[];
  readonly decreasing?: readonly number[];
  /** Groups in which exactly one number is 1 and the others are 0. */
  readonly oneHot?: readonly (readonly number[])[];
  /** Closer bounds for single numbers. */
  readonly ranges?: readonly { readonly feature: number; readonly min?: number; readonly max?: number }[];
  /** Linear relations between numbers: Σ weight · x ≤ atMost. */
  readonly linear?: readonly {
    readonly weights: readonly (readonly [feature: number, weight: number])[];
    readonly atMost: number;
  }[];
  /** What a change of one unit costs; distances are measured after multiplication with it. Default 1. */
  readonly costs?: Float32Array;
}
