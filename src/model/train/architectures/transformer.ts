import { badOption } from "../refuse.ts";
import { defineArchitecture } from "./define.ts";
import type { ArchitectureOptions, Net } from "./define.ts";

const size = 64;
const heads = 4;

/**
 * An encoder of two blocks, norms first (Xiong et al. 2020, arXiv:2002.04745), over patches of an image (Dosovitskiy et al. 2021, arXiv:2010.11929),
 * over tokens, or over a sequence of vectors; the mean of all places is classified.
 */
export const transformer = defineArchitecture({
  id: "transformer",
  title: "two attention blocks, for images (1x28x28), sequences (20x8) and, with a vocabulary, text (64)",
  write(net, options) {
    const { value, length } = embed(net, options);
    let x = net.b.op("Add", [value, net.weight("position", [1, length, size])]);
    for (const name of ["block1", "block2"]) {
      x = net.b.op("Add", [x, attention(net, name, net.layerNorm(`${name}.norm1`, x, size), length)]);
      x = net.b.op("Add", [x, feedForward(net, name, net.layerNorm(`${name}.norm2`, x, size))]);
    }
    const mean = net.b.op("ReduceMean", [net.layerNorm("norm", x, size), net.b.ints([1])], { keepdims: 0 });
    return net.linear("head", mean, [size, options.classes]);
  },
});

/** The input as [N, length, size]. */
function embed(net: Net, { input, vocabulary }: ArchitectureOptions): { readonly value: string; readonly length: number } {
  const { b } = net;
  if (vocabulary !== undefined) {
    if (input.length !== 1) throw badOption(`text is a row of tokens, not [${input.join(",")}]`, "--input 64 --vocabulary 5000");
    return { value: b.op("Gather", [net.weight("embedding", [vocabulary, size]), net.input], { axis: 0 }), length: input[0]! };
  }
  if (input.length === 2) return { value: net.linear("embed", net.input, [input[1]!, size]), length: input[0]! };
  if (input.length !== 3)
    throw badOption(`a transformer takes no [${input.join(",")}]`, "--input 1x28x28, 20x8, or 64 with --vocabulary");
  const [channels, height, width] = input as [number, number, number];
  const patch = [7, 8, 6, 5, 4, 3, 2].find((side) => height % side === 0 && width % side === 0 && height > side) ?? 1;
  const length = (height / patch) * (width / patch);
  const grid = net.conv("patch", net.input, { channels: [channels, size], kernel: patch, stride: patch });
  const rows = b.op("Reshape", [grid, b.ints([0, size, length])]);
  return { value: b.op("Transpose", [rows], { perm: [0, 2, 1] }), length };
}

/** Vaswani et al. 2017 (arXiv:1706.03762), section 3.2.2. */
function attention(net: Net, name: string, x: string, length: number): string {
  const { b } = net;
  const split = (part: string, perm: readonly number[]): string => {
    const rows = b.op("Reshape", [net.linear(`${name}.${part}`, x, [size, size]), b.ints([0, length, heads, size / heads])]);
    return b.op("Transpose", [rows], { perm });
  };
  const scores = b.op("MatMul", [split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1])]);
  const scaled = b.op("Mul", [scores, b.scalar("float32", 1 / Math.sqrt(size / heads))]);
  const mixed = b.op("MatMul", [b.op("Softmax", [scaled], { axis: -1 }), split("value", [0, 2, 1, 3])]);
  const joined = b.op("Reshape", [b.op("Transpose", [mixed], { perm: [0, 2, 1, 3] }), b.ints([0, length, size])]);
  return net.linear(`${name}.out`, joined, [size, size]);
}

/** Two layers with the Gaussian error linear unit between: x/2 · (1 + erf(x/√2)) (Hendrycks and Gimpel 2016, arXiv:1606.08415). */
function feedForward(net: Net, name: string, x: string): string {
  const { b } = net;
  const wide = net.linear(`${name}.fc1`, x, [size, 2 * size]);
  const erf = b.op("Erf", [b.op("Mul", [wide, b.scalar("float32", Math.SQRT1_2)])]);
  const gelu = b.op("Mul", [b.op("Mul", [wide, b.scalar("float32", 0.5)]), b.op("Add", [erf, b.scalar("float32", 1)])]);
  return net.linear(`${name}.fc2`, gelu, [2 * size, size]);
}
