/** Everyday damage to pictures, by strength from 0 to 1. Hendrycks and Dietterich 2019 (arXiv:1903.12261) sort such damage; strengths here are continuous. */
import type { Seeded } from "../../../base/math/index.ts";
import { normal } from "../noise.ts";
import { imageOf } from "../square/proposal.ts";
import type { Image } from "../square/proposal.ts";

/** One kind of damage: a new picture. Numbers are in 0 … 1. */
export type Corruption = (
  x: Float32Array,
  options: { readonly image: Image; readonly strength: number; readonly rng: Seeded },
) => Float32Array;

/** Noise, blur, contrast, brightness and the blocks of a JPEG. */
export const corruptions: Readonly<Record<string, Corruption>> = {
  noise: (x, { strength, rng }) => x.map((value) => value + 0.5 * strength * normal(rng)),
  blur: (x, { image, strength }) => blurred(x, image, 3 * strength),
  contrast(x, { strength }) {
    const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
    return x.map((value) => mean + (value - mean) * (1 - strength));
  },
  brightness: (x, { strength, rng }) => {
    const shift = (rng.unit() < 0.5 ? -1 : 1) * 0.7 * strength;
    return x.map((value) => value + shift);
  },
  jpeg: (x, { image, strength }) => quantisedBlocks(x, image, strength),
};

/** The image that an example is. */
export { imageOf };

/** A Gaussian in lines and columns; what lies outside is the edge. */
function blurred(x: Float32Array, image: Image, sigma: number): Float32Array {
  if (sigma < 0.05) return x.slice();
  const reach = Math.ceil(3 * sigma);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)));
  const total = kernel.reduce((a, b) => a + b, 0);
  const pass = (from: Float32Array, down: boolean): Float32Array =>
    from.map((_, i) => {
      const column = i % image.width;
      const line = Math.floor(i / image.width) % image.height;
      const plane = i - column - line * image.width;
      let sum = 0;
      for (let k = -reach; k <= reach; k++) {
        const l = down ? Math.min(Math.max(line + k, 0), image.height - 1) : line;
        const c = down ? column : Math.min(Math.max(column + k, 0), image.width - 1);
        sum += kernel[k + reach]! * from[plane + l * image.width + c]!;
      }
      return sum / total;
    });
  return pass(pass(x, false), true);
}

/** Luminance quantisation table of ITU-T T.81, table K.1. */
const table = [
  16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
  18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112,
  100, 103, 99,
];

const cosines = Array.from({ length: 64 }, (_, i) => {
  const [u, x] = [Math.floor(i / 8), i % 8];
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

/** What JPEG does to a plane: cosine transform of blocks of 8 × 8, rounding by table K.1 at quality 100 (strength 0) to 1 (strength 1). */
function quantisedBlocks(x: Float32Array, image: Image, strength: number): Float32Array {
  const quality = Math.max(1, Math.round(100 - 99 * strength));
  const scale = (quality < 50 ? 5000 / quality : 200 - 2 * quality) / 100;
  const steps = table.map((value) => Math.max(1, Math.round(value * scale)));
  const out = x.slice();
  const { channels, height, width } = image;
  for (let plane = 0; plane < channels; plane++) {
    for (let top = 0; top < height; top += 8) {
      for (let left = 0; left < width; left += 8) {
        const place = (i: number): number =>
          plane * height * width + Math.min(top + Math.floor(i / 8), height - 1) * width + Math.min(left + (i % 8), width - 1);
        const block = Array.from({ length: 64 }, (_, i) => x[place(i)]! * 255 - 128);
        const rounded = transform(block, false).map((value, i) => Math.round(value / steps[i]!) * steps[i]!);
        for (const [i, value] of transform(rounded, true).entries()) {
          if (top + Math.floor(i / 8) < height && left + (i % 8) < width) out[place(i)] = (value + 128) / 255;
        }
      }
    }
  }
  return out;
}

/** The cosine transform of a block of 8 × 8, or back: ITU-T T.81, A.3.3. */
function transform(block: readonly number[], back: boolean): number[] {
  const pass = (from: readonly number[], rows: boolean): number[] =>
    Array.from({ length: 64 }, (_, i) => {
      const [fixed, u] = rows ? [Math.floor(i / 8), i % 8] : [i % 8, Math.floor(i / 8)];
      let sum = 0;
      for (let k = 0; k < 8; k++) sum += from[rows ? fixed * 8 + k : k * 8 + fixed]! * cosines[back ? k * 8 + u : u * 8 + k]!;
      return sum;
    });
  return pass(pass(block, true), false);
}
