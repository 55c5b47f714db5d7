declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "crypto/bad-encoding": "text that should be hex, base64, base64url or UTF-8 is not, or is not in its one canonical form";
    "crypto/not-canonical": "a value has no canonical JSON form: a number that is not finite, a lone surrogate, a type JSON lacks";
    "crypto/bad-key": "a key file or key string is malformed, damaged, or of another kind than asked for";
  }
}

export {};
