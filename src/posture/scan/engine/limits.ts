/** Bounds of one scan. None can be reached by an honest model file of today; all keep memory bounded. */
export interface ScanLimits {
  /** Archives inside archives. */
  readonly maxDepth: number;
  /** Members of one archive. */
  readonly maxMembers: number;
  /** Bytes that one compressed member may unpack to, in memory. */
  readonly maxUnpackedBytes: number;
  /** Bytes that everything inside one file on disk may unpack to. */
  readonly maxTotalUnpackedBytes: number;
  /** Bytes of a document that is parsed as a whole (JSON, YAML, ONNX). */
  readonly maxDocumentBytes: number;
  /** Files below one path. */
  readonly maxFiles: number;
  /** Findings of one rule in one target; more are counted in the last. */
  readonly maxFindingsPerRule: number;
}

export const defaultLimits: ScanLimits = {
  maxDepth: 8,
  maxMembers: 100_000,
  maxUnpackedBytes: 1 << 29,
  maxTotalUnpackedBytes: 2 ** 34,
  maxDocumentBytes: 2 ** 31 - 1,
  maxFiles: 1_000_000,
  maxFindingsPerRule: 25,
};
