/** What the columns of a table mean. Plain data: it can be written to JSON, read, changed and given back. */

/** A column of numbers, one number of the input each. */
export interface NumberColumn {
  readonly name: string;
  readonly kind: "number";
  /** What a missing value becomes; `refuse` when left out. */
  readonly missing?: "refuse" | "nan" | number;
}

/** A column of `true` and `false` (in any case), `1` and `0`: one number of the input, 1 or 0. */
export interface BooleanColumn {
  readonly name: string;
  readonly kind: "boolean";
  readonly missing?: "refuse" | "nan" | number;
}

/** A column of few different words. */
export interface CategoryColumn {
  readonly name: string;
  readonly kind: "category";
  readonly values: readonly string[];
  /** `one-hot`: one number of the input for each word, of which one is 1, when left out; `ordinal`: one number, the word's place among the values. */
  readonly encode?: "one-hot" | "ordinal";
  /** `own`: a missing value is a category of its own, the last; `none`: all numbers are 0, an ordinal is −1. `refuse` when left out. */
  readonly missing?: "refuse" | "own" | "none";
}

/** A column of arrays, always of this many numbers. */
export interface VectorColumn {
  readonly name: string;
  readonly kind: "vector";
  readonly length: number;
}

/** A column that stays text, in a field of its own name. */
export interface TextColumn {
  readonly name: string;
  readonly kind: "text";
}

/** A column that is left out. */
export interface IgnoredColumn {
  readonly name: string;
  readonly kind: "ignore";
}

export type ColumnSchema = NumberColumn | BooleanColumn | CategoryColumn | VectorColumn | TextColumn | IgnoredColumn;

export interface TableSchema {
  /** Each column of the file, in the order in which the input has them. */
  readonly columns: readonly ColumnSchema[];
  /** The column to learn: a category or boolean makes classes, a number a regression. */
  readonly target?: string;
  /** Leaves out each row in which a value of the input is missing; a missing label is refused all the same. */
  readonly dropMissing?: boolean;
  /** Text that stands for a missing value, beside the empty one; pandas' commonest when left out. */
  readonly missing?: readonly string[];
}

/** What pandas reads as missing, of what people write. */
export const usualMissing: readonly string[] = ["NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "<NA>", "#N/A"];
