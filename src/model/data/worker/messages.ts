/** What the two sides of a table in a worker say to each other. */

import type { ErrorCode, ExitCode } from "../../../base/error/index.ts";
import type { Row } from "../table/table.ts";

export interface TableJob {
  readonly path: string;
  readonly format: "parquet" | "arrow";
  /** The columns whose rows are wanted; undefined asks for the names of the columns. */
  readonly columns?: readonly string[];
}

/** So many more blocks may be sent. */
export interface ToWorker {
  readonly more: number;
}

export type FromWorker =
  | { readonly kind: "columns"; readonly columns: readonly string[] }
  | { readonly kind: "rows"; readonly rows: readonly Row[] }
  | { readonly kind: "end" }
  | {
      readonly kind: "failed";
      readonly code: ErrorCode;
      readonly message: string;
      readonly hint: string | undefined;
      readonly status: number;
      readonly exit: ExitCode;
    };
