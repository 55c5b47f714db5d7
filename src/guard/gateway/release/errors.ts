/** What can be wrong with what may leave. */
declare module "../../../base/error/error.ts" {
  interface ErrorCodes {
    "gateway/nothing-released": "the release rules leave nothing of the model's outputs";
    "gateway/bad-release": "a release rule names an output of a model in a way that does not fit it";
  }
}
export type {};
