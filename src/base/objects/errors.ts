declare module "../error/error.ts" {
  interface ErrorCodes {
    "objects/bad-key": "an object key that could lead out of the store";
    "objects/unreachable": "the object store does not answer or refuses";
  }
}

export type {};
