// As agreed with model/onnx; goes when that room has `contractOf`.
import type { ElementType } from "../../model/onnx/index.ts";
export interface TensorSpec {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly (number | string | null)[];
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly (number | string)[];
  readonly allowNonFinite?: boolean;
}
export interface ModelContract {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly batch: "dynamic" | "fixed" | "none";
  readonly maxBatch: number;
}
