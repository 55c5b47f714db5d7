declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "defend/bad-option": "hardening, certifying or a defence was asked for with a value that it does not take";
    "defend/unsupported-model": "the model has an operator or a shape that the method has no rule for";
    "defend/mail-too-large": "a mail has more bytes or pictures than are read";
    "defend/no-ocr-models": "the models that read text in pictures are not where they are looked for";
  }
}

export type {};
