/** Convolutions, pooling and softmax. */
import { tensorOf } from "../../onnx/index.ts";
import type { ElementType } from "../../onnx/index.ts";
import type { Scope } from "../scope.ts";
import type { Dims, Value } from "../value.ts";

/** How a window moves over the spatial axes; pads are all begins, then all ends. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
}

/** The part of the builder for neural networks. */
export function neuralOps(scope: Scope) {
  const attributesOf = ({ kernel, strides, dilations, pads }: Window): Record<string, readonly number[]> => ({
    kernel_shape: kernel,
    ...(strides.every((step) => step === 1) ? {} : { strides }),
    ...(dilations.every((step) => step === 1) ? {} : { dilations }),
    ...(pads.every((pad) => pad === 0) ? {} : { pads }),
  });

  return {
    conv(x: Value, w: Value, window: Window, group = 1): Value {
      const spatial = x.dims?.slice(2).map((dim, i) => (typeof dim === "number" ? convLength(dim, window, i) : null));
      const dims = x.dims === undefined ? undefined : [x.dims[0]!, w.dims?.[0] ?? null, ...spatial!];
      const attributes = { ...attributesOf(window), group: group === 1 ? undefined : group };
      return scope.emit({ op: "Conv", inputs: [x, w], outputs: [{ type: x.type, dims }], attributes })[0]!;
    },
    convTranspose(
      x: Value,
      w: Value,
      window: Window,
      options: { readonly group?: number; readonly outputPadding?: readonly number[] } = {},
    ): Value {
      const { group = 1, outputPadding } = options;
      const extra = outputPadding?.some((pad) => pad !== 0) ? outputPadding : undefined;
      const spatial = x.dims
        ?.slice(2)
        .map((dim, i) => (typeof dim === "number" ? transposeLength(dim, window, i) + (extra?.[i] ?? 0) : null));
      const channels = w.dims?.[1];
      const dims =
        x.dims === undefined ? undefined : [x.dims[0]!, typeof channels === "number" ? channels * group : null, ...spatial!];
      const attributes = { ...attributesOf(window), group: group === 1 ? undefined : group, output_padding: extra };
      return scope.emit({ op: "ConvTranspose", inputs: [x, w], outputs: [{ type: x.type, dims }], attributes })[0]!;
    },
    /** Kernels [channels · taps, 1, …kernel] that each let one tap of one channel through. */
    oneTap(type: ElementType, channels: number, kernel: readonly number[]): Value {
      const taps = kernel.reduce((a, b) => a * b, 1);
      const values = Array.from({ length: channels * taps * taps }, (_, i) => Number(i % taps === Math.floor(i / taps) % taps));
      return scope.constant(tensorOf(type, [channels * taps, 1, ...kernel], values));
    },
    /** a x + b with a and b by channel: what BatchNormalization is with statistics that do nothing, and faster than a product and a sum. */
    channelAffine(x: Value, slope: Value, offset: Value): Value {
      const channels = slope.dims?.[0] as number;
      const filled = (value: number): Value =>
        scope.constant(
          tensorOf(
            x.type,
            [channels],
            Array.from({ length: channels }, () => value),
          ),
        );
      const inputs = [x, slope, offset, filled(0), filled(1)];
      return scope.emit({ op: "BatchNormalization", inputs, outputs: [x], attributes: { epsilon: 0 } })[0]!;
    },
    softmax: (x: Value, axis: number): Value =>
      scope.emit({ op: "Softmax", inputs: [x], outputs: [{ type: x.type, dims: x.dims }], attributes: { axis } })[0]!,
    logSoftmax: (x: Value, axis: number): Value =>
      scope.emit({ op: "LogSoftmax", inputs: [x], outputs: [{ type: x.type, dims: x.dims }], attributes: { axis } })[0]!,
    depthToSpace(x: Value, block: number, mode: "DCR" | "CRD", dims: Dims): Value {
      return scope.emit({
        op: "DepthToSpace",
        inputs: [x],
        outputs: [{ type: x.type, dims }],
        attributes: { blocksize: block, mode },
      })[0]!;
    },
    spaceToDepth(x: Value, block: number, dims: Dims): Value {
      return scope.emit({
        op: "SpaceToDepth",
        inputs: [x],
        outputs: [{ type: x.type, dims }],
        attributes: { blocksize: block },
      })[0]!;
    },
  };
}

/** Reach of a kernel: from its first to its last tap. */
export const reach = (kernel: number, dilation: number): number => dilation * (kernel - 1) + 1;

/** Output length of a convolution along spatial axis `i`. */
export function convLength(length: number, { kernel, strides, dilations, pads }: Window, i: number): number {
  const padded = length + pads[i]! + pads[i + kernel.length]!;
  return Math.floor((padded - reach(kernel[i]!, dilations[i]!)) / strides[i]!) + 1;
}

/** Output length of a transposed convolution along spatial axis `i`, without output padding. */
export function transposeLength(length: number, { kernel, strides, dilations, pads }: Window, i: number): number {
  return (length - 1) * strides[i]! + reach(kernel[i]!, dilations[i]!) - pads[i]! - pads[i + kernel.length]!;
}
