declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "tlog/bad-note": "a signed note, checkpoint or proof file is malformed";
    "tlog/bad-bundle": "an entry bundle ends within an entry or holds another number of entries than its name says";
    "tlog/bad-tile": "a hash tile is shorter than the tree needs it to be";
    "tlog/entry-too-large": "an entry is longer than the 65,535 bytes that tlog-tiles can hold";
    "tlog/out-of-range": "an index or a size lies outside the tree";
  }
}

export {};
