import { picture } from "./frame.ts";
import { element } from "./markup.ts";
import { pngDataUri } from "./png.ts";
import type { Pixels } from "./png.ts";

/** Values of an image, `[channels, height, width]` as models take them; one channel is grey, three are red, green and blue. */
export interface Planes {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly values: ArrayLike<number>;
}

/** Values from `min` to `max` as shades; what is outside is cut, NaN is black. */
export function shades({ channels, height, width, values }: Planes, { min, max }: { min: number; max: number }): Pixels {
  const samples = new Uint8Array(width * height * channels);
  const area = width * height;
  for (let pixel = 0; pixel < area; pixel++) {
    for (let channel = 0; channel < channels; channel++) {
      const share = (values[channel * area + pixel]! - min) / (max - min || 1);
      samples[pixel * channels + channel] = Math.round(255 * Math.min(1, Math.max(0, share || 0)));
    }
  }
  return { width, height, channels, samples };
}

/**
 * Signed values as colours: blue below zero, white at zero, red above, both ends at `±limit`. The channels of a pixel are one colour by
 * the value that is furthest from zero.
 */
export function signedColours({ channels, height, width, values }: Planes, limit: number): Pixels {
  const area = width * height;
  const samples = new Uint8Array(area * 3);
  for (let pixel = 0; pixel < area; pixel++) {
    let furthest = 0;
    for (let channel = 0; channel < channels; channel++) {
      const value = values[channel * area + pixel]!;
      if (Math.abs(value) > Math.abs(furthest)) furthest = value;
    }
    samples.set(signedColour(limit === 0 ? 0 : furthest / limit), pixel * 3);
  }
  return { width, height, channels: 3, samples };
}

/** Stops from white outwards; lightness falls evenly on both sides, so a print in grey still shows how large a value is. */
const negative = [
  [247, 247, 247],
  [146, 197, 222],
  [67, 147, 195],
  [5, 48, 97],
] as const;
const positive = [
  [247, 247, 247],
  [244, 165, 130],
  [214, 96, 77],
  [103, 0, 31],
] as const;

/** The colour of −1 … 1. */
export function signedColour(value: number): [number, number, number] {
  const size = Math.min(1, Math.abs(value) || 0) * 3;
  const stops = value < 0 ? negative : positive;
  const at = Math.min(2, Math.floor(size));
  const [from, to] = [stops[at]!, stops[at + 1]!];
  const mix = (channel: 0 | 1 | 2): number => Math.round(from[channel] + (to[channel] - from[channel]) * (size - at));
  return [mix(0), mix(1), mix(2)];
}

/** One image with hard pixels, read aloud as its title. */
export function imageTile(title: string, pixels: Pixels): string {
  const { width, height } = pixels;
  return picture({ title, width, height }, element("image", { width, height, href: pngDataUri(pixels) }));
}

/** The key of {@link signedColours}: a strip from −limit to +limit. */
export function signedKey(title: string): string {
  const steps = 65;
  const samples = new Uint8Array(steps * 3);
  for (let at = 0; at < steps; at++) samples.set(signedColour((2 * at) / (steps - 1) - 1), at * 3);
  return picture(
    { title, width: steps, height: 4 },
    element("image", {
      width: steps,
      height: 4,
      preserveAspectRatio: "none",
      href: pngDataUri({ width: steps, height: 1, channels: 3, samples }),
    }),
  );
}
