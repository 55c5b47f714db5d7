/** What is counted while examples are looked at. */

/** Scores of some examples with what is true of them, row-major. */
export interface Seen {
  readonly scores: Float32Array;
  /** Numbers a row of {@link scores}. */
  readonly width: number;
  /** Class numbers, or values of the scores' shape. */
  readonly labels: ArrayLike<number>;
  readonly losses: Float32Array;
}

/** Adds up over batches. */
export interface Meter {
  see(seen: Seen): void;
  /** By name; names are stable. */
  read(): Readonly<Record<string, number>>;
}
