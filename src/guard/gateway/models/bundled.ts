/** The models that come with this package, which we made and which may therefore run in a worker thread. */
export const bundledDigests: ReadonlySet<string> = new Set([
  // examples: the digit classifier, a small CNN over 1×28×28
  "sha256:85cb311e397aefb14223d686097eeaca1884816a64b23b7e729bf08605e9c24a",
]);
