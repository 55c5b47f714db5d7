/**
 * What lies between a printed picture and the model that sees it, as nodes of an ONNX graph, so that gradients flow through it: how it is turned
 * and seen (one homography), how it is lit, how blurred, how noisy. Athalye et al. 2018 (arXiv:1707.07397), section 2.
 */
import type { Seeded } from "../../../base/math/index.ts";
import { GraphBuilder, indexOf, renameUses, tensorOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { uniform } from "../noise.ts";

/** How strong each change may be. What is left out does not happen. */
export interface Transforms {
  /** Largest turn either way, degrees. */
  readonly rotationDegrees?: number;
  /** Smallest and largest size. */
  readonly scale?: readonly [number, number];
  /** Largest shift, as a part of the picture. */
  readonly shift?: number;
  /** Largest tilt away from the camera; 0.2 makes one edge a fifth nearer. */
  readonly perspective?: number;
  /** Smallest and largest brightness factor, and largest shift of it, in input units. */
  readonly light?: { readonly gain: readonly [number, number]; readonly bias: number };
  /** Largest part of the blurred picture in the picture. */
  readonly blur?: number;
  /** Standard deviation of the camera's and the printer's noise, input units. */
  readonly noise?: number;
  /** How much each colour may fade in print. */
  readonly print?: number;
}

/** A picture that is printed, put up and photographed. */
export const printAndPhotograph: Transforms = {
  rotationDegrees: 20,
  scale: [0.8, 1.2],
  shift: 0.08,
  perspective: 0.15,
  light: { gain: [0.7, 1.3], bias: 0.1 },
  blur: 0.6,
  noise: 0.02,
  print: 0.15,
};

/** A model with transforms in front, and the names of the inputs that say which. */
export interface TransformedModel {
  readonly model: Model;
  readonly inputs: {
    readonly view: string;
    readonly gain: string;
    readonly bias: string;
    readonly blur: string;
    readonly noise: string;
  };
}

/** Puts the transforms between an input of pictures and everything that reads it. */
export function withTransforms(model: Model, input: string, dims: readonly [number, number, number]): TransformedModel {
  const [channels, height, width] = dims;
  const names = new Set(indexOf(model.graph).names);
  const b = new GraphBuilder({ opsets: model.opsets, names });
  const fresh = (name: string): string => {
    const free = b.fresh(name);
    names.delete(free);
    return free;
  };
  const inputs = {
    view: b.input(fresh("eot_view"), "float32", [null, 3, 3]),
    gain: b.input(fresh("eot_gain"), "float32", [null, channels, 1, 1]),
    bias: b.input(fresh("eot_bias"), "float32", [null, 1, 1, 1]),
    blur: b.input(fresh("eot_blur"), "float32", [null, 1, 1, 1]),
    noise: b.input(fresh("eot_noise"), "float32", [null, channels, height, width]),
  };
  const seen = seenFrom(b, { input, view: inputs.view, height, width });
  const blurred = b.op("Conv", [seen, b.constant(gaussian(channels))], {
    group: channels,
    pads: [2, 2, 2, 2],
    kernel_shape: [5, 5],
  });
  const soft = b.op("Add", [seen, b.op("Mul", [inputs.blur, b.op("Sub", [blurred, seen])])]);
  const lit = b.op("Add", [b.op("Mul", [soft, inputs.gain]), inputs.bias]);
  const photograph = b.op("Add", [lit, inputs.noise]);
  const prefix = b.build();
  const nodes = model.graph.nodes.map((node) => renameUses(node, (name) => (name === input ? photograph : name)));
  return {
    inputs,
    model: {
      ...model,
      graph: {
        ...model.graph,
        inputs: [...model.graph.inputs, ...prefix.inputs],
        nodes: [...prefix.nodes, ...nodes],
        initializers: new Map([...model.graph.initializers, ...prefix.initializers]),
      },
    },
  };
}

/** The picture through a homography: where each pixel of the photograph lies in the print. What lies outside is the print's edge. */
function seenFrom(
  b: GraphBuilder,
  {
    input,
    view,
    height,
    width,
  }: { readonly input: string; readonly view: string; readonly height: number; readonly width: number },
): string {
  const points: number[] = [];
  for (let line = 0; line < height; line++)
    for (let column = 0; column < width; column++) points.push((2 * column + 1) / width - 1, (2 * line + 1) / height - 1, 1);
  const grid = b.constant(tensorOf("float32", [1, height * width, 3], points), "eot_grid");
  const mapped = b.op("MatMul", [grid, b.op("Transpose", [view], { perm: [0, 2, 1] })]);
  const part = (from: number, to: number): string => b.op("Slice", [mapped, b.ints([from]), b.ints([to]), b.ints([2])]);
  const flat = b.op("Div", [part(0, 2), part(2, 3)]);
  const places = b.op("Reshape", [flat, b.ints([-1, height, width, 2])]);
  return b.op("GridSample", [input, places], {
    mode: (b.opsets.get("") ?? 18) >= 20 ? "linear" : "bilinear",
    padding_mode: "border",
    align_corners: 0,
  });
}

/** A Gaussian of σ = 1 on 5 × 5 places, once for each channel. */
function gaussian(channels: number) {
  const line = [-2, -1, 0, 1, 2].map((i) => Math.exp((-i * i) / 2));
  const sum = line.reduce((a, c) => a + c, 0);
  const kernel = line.flatMap((a) => line.map((c) => (a * c) / (sum * sum)));
  return tensorOf("float32", [channels, 1, 5, 5], Array.from({ length: channels }, () => kernel).flat());
}

/** Values of the transform inputs for so many pictures, drawn anew each time. */
export interface TransformDraw {
  readonly view: Float32Array;
  readonly gain: Float32Array;
  readonly bias: Float32Array;
  readonly blur: Float32Array;
  readonly noise: Float32Array;
}

/** Draws transforms. */
export function drawTransforms(
  transforms: Transforms,
  count: number,
  dims: readonly [number, number, number],
  rng: Seeded,
): TransformDraw {
  const [channels, height, width] = dims;
  const draw: TransformDraw = {
    view: new Float32Array(count * 9),
    gain: new Float32Array(count * channels).fill(1),
    bias: new Float32Array(count),
    blur: new Float32Array(count),
    noise: new Float32Array(count * channels * height * width),
  };
  const { rotationDegrees = 0, scale = [1, 1], shift = 0, perspective = 0, light, blur = 0, noise = 0, print = 0 } = transforms;
  for (let i = 0; i < count; i++) {
    const angle = (uniform(rng, -rotationDegrees, rotationDegrees) * Math.PI) / 180;
    // Twice as large is seen by looking up places half as far from the middle.
    const zoom = 1 / uniform(rng, scale[0], scale[1]);
    const [cos, sin] = [Math.cos(angle) * zoom, Math.sin(angle) * zoom];
    const [right, down] = [uniform(rng, -2 * shift, 2 * shift), uniform(rng, -2 * shift, 2 * shift)];
    const tilt = [uniform(rng, -perspective, perspective), uniform(rng, -perspective, perspective)] as const;
    draw.view.set([cos, -sin, right, sin, cos, down, tilt[0], tilt[1], 1], i * 9);
    const gain = light === undefined ? 1 : uniform(rng, light.gain[0], light.gain[1]);
    for (let c = 0; c < channels; c++) draw.gain[i * channels + c] = gain * (1 - uniform(rng, 0, print));
    draw.bias[i] = light === undefined ? 0 : uniform(rng, -light.bias, light.bias);
    draw.blur[i] = uniform(rng, 0, blur);
  }
  if (noise > 0) for (let i = 0; i < draw.noise.length; i++) draw.noise[i] = noise * grain(rng);
  return draw;
}

/** A number of mean 0 and deviation 1, nearly normal: the sum of four random bytes. Exact ones took more time than the model itself. */
function grain(rng: Seeded): number {
  const bits = rng.uint32();
  return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8;
}

/** Makes one of the views that were drawn show the picture as it is. */
export function stillView(draw: TransformDraw, row: number, dims: readonly [number, number, number]): void {
  const [channels, height, width] = dims;
  const rowSize = channels * height * width;
  draw.view.set([1, 0, 0, 0, 1, 0, 0, 0, 1], row * 9);
  draw.gain.fill(1, row * channels, (row + 1) * channels);
  draw.bias[row] = 0;
  draw.blur[row] = 0;
  draw.noise.fill(0, row * rowSize, (row + 1) * rowSize);
}
