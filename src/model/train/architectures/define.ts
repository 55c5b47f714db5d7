/** Small models to begin with, written through the builder. */
import { GraphBuilder, tensorOf } from "../../onnx/index.ts";
import type { Dim } from "../../onnx/index.ts";
import { badOption } from "../refuse.ts";

/** What a model is for. */
export interface ArchitectureOptions {
  /** Shape of one example: 1x28x28, 30, 64. */
  readonly input: readonly number[];
  /** Scores that the model gives; 1 for a single number. */
  readonly classes: number;
  /** The input is token numbers below this. */
  readonly vocabulary?: number | undefined;
}

/** A kind of model. */
export interface Architecture {
  readonly id: string;
  readonly title: string;
  /** Writes the graph from `input` to scores; weights are zeros that {@link initialise} fills. */
  write(net: Net, options: ArchitectureOptions): string;
}

/** Registers an architecture. */
export const defineArchitecture = <const Definition extends Architecture>(architecture: Definition): Definition => architecture;

/** The builder with layers on top: each has named weights. */
export interface Net {
  readonly b: GraphBuilder;
  readonly input: string;
  weight(name: string, dims: readonly number[]): string;
  /** y = x W + b over the last axis. */
  linear(name: string, x: string, sizes: readonly [inputs: number, outputs: number]): string;
  conv(
    name: string,
    x: string,
    shape: {
      readonly channels: readonly [number, number];
      readonly kernel: number;
      readonly stride?: number;
      readonly pad?: number;
      readonly bias?: boolean;
    },
  ): string;
  batchNorm(name: string, x: string, channels: number): string;
  layerNorm(name: string, x: string, size: number): string;
  relu(x: string): string;
  /** Everything but the batch as one axis. */
  flatten(x: string): string;
}

/** A net that begins with one input, batch first and free. */
export function createNet(name: string, { input, vocabulary }: ArchitectureOptions): Net {
  const b = new GraphBuilder({ name });
  const dims: readonly Dim[] = ["N", ...input];
  const x = b.input("input", vocabulary === undefined ? "float32" : "int64", dims);
  const weight = (own: string, shape: readonly number[]): string =>
    b.initializer(own, tensorOf("float32", shape, new Float32Array(shape.reduce((p, d) => p * d, 1))));
  return {
    b,
    input: x,
    weight,
    linear(own, value, [inputs, outputs]) {
      const product = b.op("MatMul", [value, weight(`${own}.weight`, [inputs, outputs])]);
      return b.op("Add", [product, weight(`${own}.bias`, [outputs])]);
    },
    conv(own, value, { channels: [inputs, outputs], kernel, stride = 1, pad = 0, bias = true }) {
      const w = weight(`${own}.weight`, [outputs, inputs, kernel, kernel]);
      return b.op("Conv", [value, w, ...(bias ? [weight(`${own}.bias`, [outputs])] : [])], {
        kernel_shape: [kernel, kernel],
        strides: [stride, stride],
        pads: [pad, pad, pad, pad],
      });
    },
    batchNorm(own, value, channels) {
      const part = (what: string): string => weight(`${own}.${what}`, [channels]);
      return b.op("BatchNormalization", [value, part("weight"), part("bias"), part("running_mean"), part("running_var")], {
        epsilon: 1e-5,
      });
    },
    layerNorm: (own, value, size) =>
      b.op("LayerNormalization", [value, weight(`${own}.weight`, [size]), weight(`${own}.bias`, [size])], { axis: -1 }),
    relu: (value) => b.op("Relu", [value]),
    flatten: (value) => b.op("Flatten", [value], { axis: 1 }),
  };
}

/** Channels, height and width. @throws train/bad-option */
export function imageOf(input: readonly number[], who: string): readonly [number, number, number] {
  const [channels, height, width] = input;
  if (input.length === 3 && Math.min(height!, width!) >= 4) return [channels!, height!, width!];
  throw badOption(`a ${who} takes images, not [${input.join(",")}]`, "--input 1x28x28: channels, height, width; at least 4 × 4");
}
