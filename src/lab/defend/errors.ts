declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "defend/bad-option": "hardening, certifying or a defence was asked for with a value that it does not take";
    "defend/unsupported-model": "the model has an operator or a shape that the method has no rule for";
    "defend/mail-too-large": "a mail has more bytes or pictures than are read";
    "defend/mail-too-slow": "reading a mail took longer than it may";
    "defend/mail-broke-off": "reading a mail ended before it was done: its memory, or the reader was closed";
    "defend/too-many-mails": "more mails wait to be read than may";
    "defend/no-ocr-models": "the models that read text in pictures are not where they are looked for";
  }
}

export type {};
