declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "scan/malformed": "a file claims a format and breaks its rules";
    "scan/refused": "a file asks for more memory, time or nesting than a scan allows";
    "scan/bad-exceptions": "the file of exceptions or the baseline is not what it should be";
    "scan/not-convertible": "a file of weights holds something else, or would do something when it is loaded";
    "scan/changed": "a file changed while it was read";
  }
}

export type {};
