declare module "../error/error.ts" {
  interface ErrorCodes {
    "math/bad-count": "a statistic was asked of counts that cannot be";
  }
}

export type {};
