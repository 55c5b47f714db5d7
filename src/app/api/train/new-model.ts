/** `modelkeep model new`: a small architecture as a file. */
import { digestOf, nativeSha256 } from "../../../base/crypto/index.node.ts";
import { writeModel } from "../../../model/onnx/index.ts";
import { newModel } from "../../../model/train/index.node.ts";
import { writeWhole } from "../write-whole.ts";

/** What is wanted. */
export interface NewModelRequest {
  readonly kind: string;
  readonly input: readonly number[];
  readonly classes: number;
  readonly vocabulary?: number | undefined;
  readonly seed: number;
  readonly out: string;
}

/** Writes the file. @throws registry/unknown · train/bad-option */
export async function createModelFile({ kind, out, ...options }: NewModelRequest) {
  const model = newModel(kind, options);
  const bytes = writeModel(model);
  await writeWhole(out, bytes);
  const sizes = [...model.graph.initializers].map(([name, { dims }]) => [name, dims] as const);
  return {
    out,
    kind,
    input: options.input,
    classes: options.classes,
    parameters: sizes.reduce((sum, [, dims]) => sum + (dims.length === 0 ? 0 : dims.reduce((a, b) => a * b, 1)), 0),
    weights: Object.fromEntries(sizes),
    digest: digestOf(bytes, nativeSha256),
  };
}
