import { z } from "zod";
import { tensorOf } from "../../../model/onnx/index.ts";
import type { GraphBuilder } from "../../../model/onnx/index.ts";
import { defineDefence } from "../front/define.ts";
import { cosinePatterns, quantisationSteps } from "../front/jpeg-tables.ts";
import { pictureOf } from "../front/picture.ts";
import type { Picture } from "../front/picture.ts";
import { rangeParams, shrink, stretch } from "../front/range.ts";

/**
 * What is left of a picture after a JPEG: bytes, brightness and colour apart, cosines of blocks in coarse steps, and all the way back. Dziugaite
 * et al. 2016 (arXiv:1608.00853). The way is that of libjpeg (ITU-T T.81, JFIF 1.02), with its roundings, as far as pixels show it.
 */
export const jpeg = defineDefence({
  id: "jpeg",
  title: "JPEG at a quality",
  params: z.strictObject({
    quality: z.int().min(1).max(100).default(75),
    chroma: z.enum(["half", "full"]).default("half").describe("colour at half the resolution (4:2:0), or at all of it (4:4:4)"),
    ...rangeParams,
  }),
  references: ["doi:10.48550/arXiv.1608.00853", "atlas:AML.M0015"],

  apply({ params: { quality, chroma, low, high }, ...site }) {
    const { b } = site;
    const picture = pictureOf(site, "jpeg");
    const scale = { low, high, top: 255 };
    const bytes = toByte(b, stretch(b, picture.value, scale));
    const kept =
      picture.channels === 1 ? plane(b, bytes, { ...picture, quality }) : colours(b, bytes, { ...picture, quality, chroma });
    return picture.back(shrink(b, kept, scale));
  },
});

const f = (b: GraphBuilder, value: number): string => b.scalar("float32", value);
const toByte = (b: GraphBuilder, x: string): string => b.op("Clip", [b.op("Round", [x]), f(b, 0), f(b, 255)]);

interface PlaneOptions extends Pick<Picture, "height" | "width"> {
  readonly quality: number;
  readonly colour?: boolean;
}

/** One plane of bytes through the transform and back. */
function plane(b: GraphBuilder, bytes: string, { height, width, quality, colour = false }: PlaneOptions): string {
  const whole = padded(b, bytes, { height, width, to: 8 });
  const patterns = b.constant(tensorOf("float32", [64, 1, 8, 8], cosinePatterns()), "cosines");
  const steps = b.constant(
    tensorOf("float32", [1, 64, 1, 1], quantisationSteps(colour ? "chrominance" : "luminance", quality)),
    "steps",
  );
  const across = { kernel_shape: [8, 8], strides: [8, 8] };
  const waves = b.op("Conv", [b.op("Sub", [whole, f(b, 128)]), patterns], across);
  const coarse = b.op("Mul", [b.op("Round", [b.op("Div", [waves, steps])]), steps]);
  const back = b.op("ConvTranspose", [coarse, patterns], across);
  return cropped(b, toByte(b, b.op("Add", [back, f(b, 128)])), { height, width });
}

/** ITU-R BT.601 as JFIF has it: brightness, and how much bluer and redder. */
const toYcc = [0.299, 0.587, 0.114, -0.168735892, -0.331264108, 0.5, 0.5, -0.418687589, -0.081312411];
const toRgb = [1, 0, 1.402, 1, -0.344136286, -0.714136286, 1, 1.772, 0];

function colours(b: GraphBuilder, bytes: string, options: PlaneOptions & { readonly chroma: "half" | "full" }): string {
  const { height, width, quality, chroma } = options;
  const mix = (x: string, by: readonly number[], add: readonly number[]): string =>
    toByte(b, b.op("Conv", [x, b.constant(tensorOf("float32", [3, 3, 1, 1], by)), b.constant(tensorOf("float32", [3], add))]));
  const ycc = mix(bytes, toYcc, [0, 128, 128]);
  const one = (at: number): string => b.op("Slice", [ycc, b.ints([at]), b.ints([at + 1]), b.ints([1])]);
  const colour = (at: number): string => {
    if (chroma === "full") return plane(b, one(at), { height, width, quality, colour: true });
    const even = padded(b, one(at), { height, width, to: 2 });
    const small = b.op("Round", [b.op("AveragePool", [even], { kernel_shape: [2, 2], strides: [2, 2] })]);
    const kept = plane(b, small, { height: Math.ceil(height / 2), width: Math.ceil(width / 2), quality, colour: true });
    // libjpeg's "fancy upsampling": three parts of the nearer pixel and one of the farther.
    const scales = b.constant(tensorOf("float32", [4], [1, 1, 2, 2]));
    const large = b.op("Resize", [kept, undefined, scales], { mode: "linear", coordinate_transformation_mode: "half_pixel" });
    return cropped(b, b.op("Round", [large]), { height, width });
  };
  const planes = [plane(b, one(0), { height, width, quality }), colour(1), colour(2)];
  const bias = [-1.402 * 128, (0.344136286 + 0.714136286) * 128, -1.772 * 128];
  return mix(b.op("Concat", planes, { axis: 1 }), toRgb, bias);
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/** Filled up to whole blocks by repeating the border. */
function padded(b: GraphBuilder, x: string, { height, width, to }: Size & { readonly to: number }): string {
  const [down, right] = [height, width].map((size) => (to - (size % to)) % to) as [number, number];
  return down + right === 0 ? x : b.op("Pad", [x, b.ints([0, 0, 0, 0, 0, 0, down, right])], { mode: "edge" });
}

const cropped = (b: GraphBuilder, x: string, { height, width }: Size): string =>
  b.op("Slice", [x, b.ints([0, 0]), b.ints([height, width]), b.ints([2, 3])]);
