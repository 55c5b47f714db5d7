declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "defend/bad-option": "hardening, certifying or a defence was asked for with a value that it does not take";
  }
}

export type {};
