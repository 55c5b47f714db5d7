declare module "../../base/error/error.ts" {
  interface ErrorCodes {
    "admit/malformed-review": "a request to the admission webhook is no AdmissionReview, or a larger one than an API server sends";
    "admit/bad-certificate": "the certificate or key of the admission webhook cannot be read, or they do not belong together";
  }
}

export type {};
