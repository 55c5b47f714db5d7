declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "cli/usage": "a command was called with words it does not take";
  }
}

export type {};
