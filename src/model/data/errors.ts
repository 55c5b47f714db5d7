declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "data/malformed": "a data file breaks the rules of its own format; the message names the file and the place";
    "data/unsupported": "a data file, or a tensor to be written, uses something of its format that we do not take";
    "data/too-large": "a data file goes over a reading limit (bytes, entries, lengths, expansion)";
    "data/bad-row": "a row of a table does not fit its schema or the other rows; the message names file and line";
    "data/unknown-name": "something was asked for that the data has not: an array, a column, a named set; the hint has the nearest";
    "data/bad-option": "a number or a choice that reading, batching or splitting cannot have: an empty split, a batch of 0";
    "data/missing-package": "a named data set lives in an npm package that is not installed; the hint is the install line";
    "data/no-file": "a data file does not exist or cannot be read";
  }
}

export {};
