/** What stands in the boxes: PP-OCR's recogniser, a few lines of similar length at a time. */

import { tensorOf, typedArray } from "../../../../model/onnx/index.ts";
import type { Session } from "../../../../model/runtime/index.ts";
import { decodeCtc } from "./ctc.ts";
import type { Decoded } from "./ctc.ts";
import { sample } from "./pixels.ts";
import type { Normalisation, Pixels, Placement } from "./pixels.ts";
import type { Rectangle } from "./rectangle.ts";

/** Height that the recogniser takes; widths are free. */
const lineHeight = 48;
const [minWidth, maxWidth] = [32, 3200];
const batchLines = 6;
const halves: Normalisation = { scale: [2 / 255, 2 / 255, 2 / 255], shift: [-1, -1, -1] };

/** Texts of the boxes, in their order. @throws what running the recogniser throws */
export async function recogniseText(
  recogniser: Session,
  letters: readonly string[],
  image: Pixels,
  boxes: readonly Rectangle[],
): Promise<Decoded[]> {
  const lines = boxes.map((box, index) => ({ index, width: widthOf(box), placed: placementOf(box) }));
  lines.sort((a, b) => a.width - b.width);
  const found: Decoded[] = Array.from(boxes, () => ({ text: "", confidence: 0 }));
  for (let from = 0; from < lines.length; from += batchLines) {
    const batch = lines.slice(from, from + batchLines);
    const width = batch.at(-1)!.width;
    const size = 3 * lineHeight * width;
    const out = new Float32Array(batch.length * size); // zeros, middle grey, to the right of shorter lines
    batch.forEach((line, i) =>
      sample(image, line.placed, halves, { out, at: i * size, stride: width, width: line.width, height: lineHeight }),
    );
    const x = tensorOf("float32", [batch.length, 3, lineHeight, width], out);
    const scores = (await recogniser.run({ [recogniser.inputs[0]!.name]: x }))[recogniser.outputs[0]!.name]!;
    const [, steps = 0, classes = 0] = scores.dims;
    const all = typedArray(scores, "float32");
    batch.forEach(({ index }, i) => {
      const own = all.subarray(i * steps * classes, (i + 1) * steps * classes);
      found[index] = decodeCtc({ scores: own, steps, classes }, letters);
    });
  }
  return found;
}

/** Boxes much higher than wide hold a line that stands on its side. */
const isUpright = ({ width, height }: Rectangle): boolean => height < 1.5 * width;

function widthOf(box: Rectangle): number {
  const ratio = isUpright(box) ? box.width / box.height : box.height / box.width;
  return Math.min(Math.max(Math.round(lineHeight * ratio), minWidth), maxWidth);
}

/** The box as an image of the recogniser's height: cut along its sides, and turned when it stands on its side. */
function placementOf(box: Rectangle): Placement {
  const across = widthOf(box);
  const [cos, sin] = [Math.cos(box.angle), Math.sin(box.angle)];
  // Directions of the box in the image: along its width, and down its height.
  const [along, down] = [
    [cos, sin],
    [-sin, cos],
  ] as const;
  const [right, below, length, thickness] = isUpright(box)
    ? [along, down, box.width, box.height]
    : [down, [-along[0], -along[1]] as const, box.height, box.width];
  const [sx, sy] = [length / across, thickness / lineHeight];
  const [u, v] = [-(across - 1) / 2, -(lineHeight - 1) / 2];
  return {
    x0: box.x - 0.5 + right[0] * u * sx + below[0] * v * sy,
    y0: box.y - 0.5 + right[1] * u * sx + below[1] * v * sy,
    dx: right[0] * sx,
    dy: right[1] * sx,
    ex: below[0] * sy,
    ey: below[1] * sy,
  };
}
