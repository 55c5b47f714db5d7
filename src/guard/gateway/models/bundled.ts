/** The models that come with this package, which we made and which may therefore run in a worker thread. */
export const bundledDigests: ReadonlySet<string> = new Set([
  // examples: the digit classifier, a small CNN over 1×28×28
  "sha256:10cc0614c62fbfd83ef446e600b51a737ae3bd04978862a3e039d210dd3b180c",
]);
