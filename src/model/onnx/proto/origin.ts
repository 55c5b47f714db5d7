/**
 * What a file said that the meaning of its model does not depend on, kept beside the model's parts by identity: how a tensor was
 * encoded, which empty fields were spelled out. An untouched part is therefore written with the bytes it was read from, and a
 * changed one, being a new object, in our own form.
 */
import type { Tensor } from "../tensor.ts";

/** How a tensor stood in its file. */
export interface TensorOrigin {
  /** Name inside an attribute, where it means nothing. */
  readonly name?: string | undefined;
  readonly doc?: string | undefined;
  /** `typed` when the values were in `float_data` and its like, not in `raw_data`. */
  readonly encoding: "raw" | "typed";
}

const tensors = new WeakMap<Tensor, TensorOrigin>();
const texts = new WeakMap<object, ReadonlyMap<number, string>>();

export const tensorOrigin = (tensor: Tensor): TensorOrigin | undefined => tensors.get(tensor);

export function rememberTensor(tensor: Tensor, origin: TensorOrigin): Tensor {
  if (origin.encoding !== "raw" || origin.name !== undefined || origin.doc !== undefined) tensors.set(tensor, origin);
  return tensor;
}

/** Text fields as spelled: empty ones that were written out, and `ai.onnx` where we say `""`. */
export const spelled = (part: object, field: number): string | undefined => texts.get(part)?.get(field);

export function rememberSpelling<T extends object>(part: T, spelling: ReadonlyMap<number, string>): T {
  if (spelling.size > 0) texts.set(part, spelling);
  return part;
}
