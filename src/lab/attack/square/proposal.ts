/** What a square attack tries next. */
import type { Seeded } from "../../../base/math/index.ts";

/** Changes for one row; `out` and `best` hold that row alone and are changed in place. */
export interface Proposal {
  /** The first point. */
  start(row: number, out: Float32Array): void;
  /** From the best point to the next one to try; `share` is the part of the image that changes. */
  next(row: number, best: Float32Array, share: number): void;
}

/** An example as an image; what is none is a single line of numbers. */
export interface Image {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Height and width of a square that covers a share of the image; at least one number. */
  window(share: number): readonly [number, number];
}

/** The image that the dimensions of an example say: channels × height × width, or height × width, or a line. */
export function imageOf(dims: readonly number[]): Image {
  const [width = 1, height = 1, ...rest] = dims.toReversed();
  const channels = rest.reduce((product, size) => product * size, 1);
  return {
    channels,
    height,
    width,
    window(share) {
      if (height === 1) return [1, Math.min(width, Math.max(1, Math.round(share * width)))];
      const side = Math.max(1, Math.round(Math.sqrt(share * height * width)));
      return [Math.min(side, height), Math.min(side, width)];
    },
  };
}

export const signOf = (rng: Seeded): number => (rng.uint32() & 1 ? 1 : -1);
