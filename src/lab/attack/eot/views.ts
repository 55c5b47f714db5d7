/** Views of a picture as a graph is told them, and means over them. */
import type { Seeded } from "../../../base/math/index.ts";
import { gather, repeated } from "../rows.ts";
import type { RowInput } from "../white/rows-session.ts";
import { drawTransforms, stillView } from "./transforms.ts";
import type { TransformedModel, Transforms } from "./transforms.ts";

/** Draws so many views; each `every`-th of them is the picture as it is, none where that is 0. */
export type Views = (count: number, random: Seeded, every: number) => readonly RowInput[];

/** Views through transforms of pictures of these dimensions. */
export function createViews(
  { inputs }: TransformedModel,
  transforms: Transforms,
  dims: readonly [number, number, number],
): Views {
  const [channels] = dims;
  return (count, random, every) => {
    const draw = drawTransforms(transforms, count, dims, random);
    if (every > 0) for (let i = 0; i < count; i += every) stillView(draw, i, dims);
    return [
      { name: inputs.view, data: draw.view, dims: [3, 3] },
      { name: inputs.gain, data: draw.gain, dims: [channels, 1, 1] },
      { name: inputs.bias, data: draw.bias, dims: [1, 1, 1] },
      { name: inputs.blur, data: draw.blur, dims: [1, 1, 1] },
      { name: inputs.noise, data: draw.noise, dims },
    ];
  };
}

/** Each row so many times in turn. */
export function copied<T extends Float32Array | Int32Array>(block: T, width: number, copies: number): T {
  const rows = Int32Array.from({ length: block.length / width }, (_, row) => row);
  return gather(block, repeated(rows, copies), width);
}

/** The mean of every so many rows. */
export function meanOf(block: Float32Array, samples: number, width: number): Float32Array {
  const out = new Float32Array(block.length / samples);
  for (let row = 0; row < out.length / width; row++) {
    for (let sample = 0; sample < samples; sample++) {
      for (let i = 0; i < width; i++) out[row * width + i]! += block[(row * samples + sample) * width + i]! / samples;
    }
  }
  return out;
}
