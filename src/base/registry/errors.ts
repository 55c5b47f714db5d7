declare module "../error/error.ts" {
  interface ErrorCodes {
    "registry/unknown": "no definition has that id";
    "registry/duplicate": "two definitions have one id";
  }
}

export type {};
