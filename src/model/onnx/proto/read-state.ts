/** How much a file from outside may ask of its reader, and how much it has asked so far. */
import { ModelkeepError } from "../../../base/error/index.ts";

/** Limits on a file from outside. */
export interface ReadLimits {
  /** Bytes of the whole file; default 2 GiB, protobuf's own limit. */
  readonly maxBytes: number;
  /** Messages inside messages; default 64. A subgraph takes three levels, a nested type two. */
  readonly maxDepth: number;
  /** Messages in the file (nodes, attributes, values, tensors, metadata); default 4 million. */
  readonly maxMessages: number;
  /** Nodes in the file, those of subgraphs and functions included; default 500,000. */
  readonly maxNodes: number;
  /** Bytes of one name, domain or documentation string; default 1 MiB. */
  readonly maxTextBytes: number;
  /** Dimensions of a tensor; default 64. */
  readonly maxRank: number;
  /** Numbers and strings that the file stores in lists (attributes, typed tensor data), not counting raw bytes; default 256 million. */
  readonly maxListItems: number;
}

/** What {@link ReadLimits} are when nothing else is said. */
export const defaultReadLimits: ReadLimits = {
  maxBytes: 2 ** 31,
  maxDepth: 64,
  maxMessages: 4_000_000,
  maxNodes: 500_000,
  maxTextBytes: 2 ** 20,
  maxRank: 64,
  maxListItems: 256_000_000,
};

/** What one reading of a file has used up so far, and what it left out. */
export class ReadState {
  readonly limits: ReadLimits;
  messages = 0;
  nodes = 0;
  listItems = 0;
  /** Fields that were met and not taken, such as `ModelProto.20`. */
  readonly dropped = new Set<string>();

  constructor(limits: Partial<ReadLimits> = {}) {
    this.limits = { ...defaultReadLimits, ...limits };
  }

  /** @throws onnx/too-large when `used` is over the limit of that name */
  atMost(limit: keyof ReadLimits, used: number): void {
    if (used <= this.limits[limit]) return;
    throw new ModelkeepError("onnx/too-large", {
      message: `the file goes over the reading limit ${limit} (${this.limits[limit]})`,
      hint: "if the file is yours and meant to be this large, raise that limit",
      status: 413,
    });
  }
}
