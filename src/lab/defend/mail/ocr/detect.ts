/** Where text stands in an image: PP-OCR's detector, and the post-processing of differentiable binarization. */

import { tensorOf, typedArray } from "../../../../model/onnx/index.ts";
import type { Session } from "../../../../model/runtime/index.ts";
import { componentsOf } from "./components.ts";
import { sample } from "./pixels.ts";
import type { Normalisation, Pixels } from "./pixels.ts";
import { smallestRectangle, unclip } from "./rectangle.ts";
import type { Rectangle } from "./rectangle.ts";

/** Means and deviations of ImageNet's channels, as the detector was trained with. */
const means = [0.485, 0.456, 0.406] as const;
const deviations = [0.229, 0.224, 0.225] as const;
const imageNet: Normalisation = {
  scale: [1 / (255 * deviations[0]), 1 / (255 * deviations[1]), 1 / (255 * deviations[2])],
  shift: [-means[0] / deviations[0], -means[1] / deviations[1], -means[2] / deviations[2]],
};

/** The detector halves an image five times. */
const step = 32;
/** Longest side that the detector sees. Its work grows with the area. */
const longestSide = 960;
/** Small images are brought up to this, at most twice their size: letters of eight pixels are below what the detector was trained on. */
const goodSide = 640;
const threshold = 0.3;
const boxThreshold = 0.6;
const unclipRatio = 1.6;
/** Kernels smaller than this are dust. */
const [minPlaces, minHeight] = [12, 3];
/** More boxes than a page of text has; the best are kept. */
const maxBoxes = 300;

/** Boxes of the text lines in an image, in its own pixels. @throws what running the detector throws */
export async function detectText(detector: Session, image: Pixels): Promise<Rectangle[]> {
  const longest = Math.max(image.width, image.height);
  const scale = longest > longestSide ? longestSide / longest : Math.max(1, Math.min(2, goodSide / longest));
  const width = roundTo(image.width * scale);
  const height = roundTo(image.height * scale);
  const out = new Float32Array(3 * width * height);
  const [sx, sy] = [image.width / width, image.height / height];
  const placed = { x0: sx / 2 - 0.5, y0: sy / 2 - 0.5, dx: sx, dy: 0, ex: 0, ey: sy };
  sample(image, placed, imageNet, { out, at: 0, stride: width, width, height });
  const answer = await detector.run({ [detector.inputs[0]!.name]: tensorOf("float32", [1, 3, height, width], out) });
  const scores = typedArray(answer[detector.outputs[0]!.name]!, "float32");
  return componentsOf({ scores, width, height }, threshold, minPlaces)
    .filter(({ score }) => score >= boxThreshold)
    .map(({ edge, score }) => ({ kernel: smallestRectangle(edge), score }))
    .filter(({ kernel }) => Math.min(kernel.width, kernel.height) >= minHeight)
    .sort((a, b) => b.score - a.score)
    .slice(0, maxBoxes)
    .map(({ kernel }) => scaled(unclip(kernel, unclipRatio), sx, sy));
}

const roundTo = (side: number): number => Math.max(step, Math.round(side / step) * step);

/** Sides of a tilted box stretch by what its directions stretch; the two scales differ by rounding alone. */
function scaled({ x, y, width, height, angle }: Rectangle, sx: number, sy: number): Rectangle {
  const along = Math.hypot(Math.cos(angle) * sx, Math.sin(angle) * sy);
  const across = Math.hypot(Math.sin(angle) * sx, Math.cos(angle) * sy);
  return {
    x: x * sx,
    y: y * sy,
    width: width * along,
    height: height * across,
    angle: Math.atan2(Math.sin(angle) * sy, Math.cos(angle) * sx),
  };
}
