import { fileURLToPath } from "node:url";

/**
 * The digit classifier that `modelkeep serve` serves when it is told nothing: input 1×28×28 in [0,1], ten logits. The gateway knows its
 * digest, so it runs in a worker thread like any model that its operator vouches for.
 */
export const bundledModel = {
  name: "digits",
  path: fileURLToPath(new URL("../../../examples/models/digits.onnx", import.meta.url)),
} as const;
