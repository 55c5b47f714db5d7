import type { ElementType } from "../onnx/index.ts";
export type { ElementType, Tensor } from "../onnx/index.ts";
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string | null)[];
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly (number | string)[];
}
export interface ModelContract {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly batch: "dynamic" | "fixed" | "none";
  readonly maxBatch: number;
}
