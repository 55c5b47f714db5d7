/** What can go wrong in this room. */
export interface PortErrors {
  "port/not-built": "a worker was asked for while running from source, and its compiled twin is missing";
}

declare module "../error/error.ts" {
  interface ErrorCodes extends PortErrors {}
}
