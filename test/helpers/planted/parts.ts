/** What fake defences are made of. */
import { tensorOf } from "../../../src/model/onnx/index.ts";
import { createSeeded } from "../../../src/base/math/index.ts";
import { blur, quantise, scalar, times } from "./graft.ts";
import type { Part } from "./graft.ts";

/** Keeps the largest values of each example, the others become 0 (Xiao et al. 2020, broken by Tramèr et al. 2020). */
export function winners(share: number): Part {
  return (b, h) => {
    const flat = b.op("Flatten", [h], { axis: 1 });
    const size = b.op("Gather", [b.op("Shape", [flat]), b.scalar("int64", 1n)]);
    const wanted = b.op("Cast", [b.op("Mul", [b.op("Cast", [size], { to: 1 }), scalar(b, share)])], { to: 7 });
    const k = b.op("Reshape", [wanted, b.ints([1])]);
    const [top] = b.call({ op: "TopK", inputs: [flat, k], attributes: { axis: 1 }, outputs: 2 });
    const least = b.op("ReduceMin", [top, b.ints([1])], { keepdims: 1 });
    const mask = b.op("Cast", [b.op("GreaterOrEqual", [flat, least])], { to: 1 });
    return b.op("Reshape", [b.op("Mul", [flat, mask]), b.op("Shape", [h])]);
  };
}

/** Where neighbouring pixels differ much, a cleaned image is shown to the model in place of the one that came. */
export const detector: Part = (b, x) => {
  const rough = b.op("ReduceMean", [b.op("Abs", [b.op("Sub", [x, blur(b, x)])]), b.ints([1, 2, 3])], { keepdims: 1 });
  return b.op("Where", [b.op("Greater", [rough, scalar(b, 0.05)]), quantise(8)(b, x), x]);
};

/** The class alone, as a one among zeros. */
export const oneHot: Part = (b, z) =>
  b.op("OneHot", [
    b.op("ArgMax", [z], { axis: 1, keepdims: 0 }),
    b.scalar("int64", 10n),
    b.constant(tensorOf("float32", [2], [0, 1])),
  ]);

/** Each pixel is a place in a table of 256 greys. */
export const table: Part = (b, x) => {
  const greys = b.constant(
    tensorOf(
      "float32",
      [256],
      Float32Array.from({ length: 256 }, (_, grey) => grey / 255),
    ),
  );
  return b.op("Gather", [greys, b.op("Cast", [b.op("Round", [times(b, x, 255)])], { to: 7 })]);
};

/** Each pixel is the highest of sixteen thresholds that it passes. */
export const thresholds: Part = (b, x) => {
  let value = times(b, x, 0);
  for (let level = 1; level <= 16; level++)
    value = b.op("Where", [b.op("Greater", [x, scalar(b, (level - 0.5) / 16)]), scalar(b, level / 16), value]);
  return value;
};

/** A dither that looks like chance and is none: up or down by a hundredth, more often than float32 can follow. */
export const dither: Part = (b, x) =>
  b.op("Add", [x, times(b, b.op("Tanh", [times(b, b.op("Sin", [times(b, x, 4000)]), 50)]), 0.01)]);

/** Waves on each activation, a fiftieth high. */
export const ripple: Part = (b, h) => b.op("Add", [h, times(b, b.op("Sin", [times(b, h, 500)]), 0.02)]);

/** The scores moved by a hash of the example: equal questions get equal answers, and neighbours do not. */
export const hashed =
  (size: number, input: string): Part =>
  (b, z) => {
    const rng = createSeeded(7, 1);
    const weights = b.constant(
      tensorOf(
        "float32",
        [784, 10],
        Float32Array.from({ length: 7840 }, () => 300 * (rng.unit() - 0.5)),
      ),
    );
    const hash = b.op("Sin", [b.op("MatMul", [b.op("Flatten", [input], { axis: 1 }), weights])]);
    return b.op("Add", [z, times(b, hash, size)]);
  };

/**
 * Haar's transform of 2 × 2 pixels, its small details cut to zero, and back. `shrunk`: all of them nearer to zero by as much, which has no jump: an
 * honest net that carries as much off.
 */
export const wavelet =
  (least: number, how: "cut" | "shrunk" = "cut"): Part =>
  (b, x) => {
    const signs = [1, 1, 1, 1, 1, -1, 1, -1, 1, 1, -1, -1, 1, -1, -1, 1];
    const haar = b.constant(
      tensorOf(
        "float32",
        [4, 1, 2, 2],
        signs.map((sign) => sign / 2),
      ),
    );
    const parts = b.op("Conv", [x, haar], { kernel_shape: [2, 2], strides: [2, 2] });
    const kept =
      how === "cut"
        ? b.op("Where", [b.op("Greater", [b.op("Abs", [parts]), scalar(b, least)]), parts, times(b, parts, 0)])
        : b.op("Sub", [parts, b.op("Clip", [parts, scalar(b, -least), scalar(b, least)])]);
    return b.op("ConvTranspose", [kept, haar], { kernel_shape: [2, 2], strides: [2, 2] });
  };

/** No numbers for images that are off the grid of eight bits, as changed ones are. */
export const gridOnly =
  (input: string): Part =>
  (b, z) => {
    const scaled = times(b, input, 255);
    const off = b.op("ReduceMax", [b.op("Abs", [b.op("Sub", [scaled, b.op("Round", [scaled])])]), b.ints([1, 2, 3])], {
      keepdims: 0,
    });
    const root = b.op("Sqrt", [b.op("Sub", [scalar(b, 0.01), off])]);
    return b.op("Add", [z, times(b, b.op("Unsqueeze", [root, b.ints([1])]), 1e-6)]);
  };

/** Probabilities of a sharpened choice, cut off where they are sure. */
export const clippedProbabilities: Part = (b, z) =>
  b.op("Clip", [b.op("Softmax", [times(b, z, 5)], { axis: 1 }), scalar(b, 0.02), scalar(b, 0.98)]);

/** What a model says on average over so many draws of noise that were made once: an honest net, of the size of the noise. */
export const smoothedOver =
  (sigma: number, draws: number): Part =>
  (b, x) => {
    const rng = createSeeded(3, 9);
    const gauss = (): number => Math.sqrt(-2 * Math.log(1 - rng.unit())) * Math.cos(2 * Math.PI * rng.unit()) * sigma;
    const noise = b.constant(tensorOf("float32", [1, draws, 784], Float32Array.from({ length: draws * 784 }, gauss)));
    const many = b.op("Add", [b.op("Reshape", [x, b.ints([-1, 1, 784])]), noise]);
    return b.op("Reshape", [many, b.ints([-1, 1, 28, 28])]);
  };

/** The means of so many rows of scores in turn. */
export const meanOver =
  (draws: number): Part =>
  (b, z) =>
    b.op("ReduceMean", [b.op("Reshape", [z, b.ints([-1, draws, 10])]), b.ints([1])], { keepdims: 0 });
