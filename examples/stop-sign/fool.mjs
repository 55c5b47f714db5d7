// Noise and stickers for stop signs, made with the attacks of modelkeep/attack on a model behind transforms.
import { attacks, openEotTarget, printAndPhotograph, runAttack } from "modelkeep/attack";
import { toFloat } from "modelkeep/onnx";
import { createSeeded } from "modelkeep/math";
import { renderSet, rowSize, size } from "./render.mjs";
import { classes } from "./signs.mjs";

/** Largest change of a number by noise. */
export const noiseRadius = 8 / 255;
/** The sticker's part of the sign's own area in the picture. */
export const stickerShare = 0.05;
const bounds = { low: 0, high: 1 };
const stop = classes.indexOf("stop");
const plane = size * size;

/** Stop signs of the test part, with their masks. */
export const stopSigns = (count) => renderSet({ part: "test", each: count, labels: [stop] });

/** What happens to a picture between two frames of a camera that hardly moves. */
export const slightly = {
  rotationDegrees: 5,
  scale: [0.95, 1.05],
  shift: 0.03,
  perspective: 0.03,
  light: { gain: [0.9, 1.1], bias: 0.03 },
  blur: 0.2,
  noise: 0.01,
  print: 0.03,
};

/** What happens to a sticker that is printed, put up and photographed: turns of 20 degrees, sizes of 0.8 to 1.2, and so on. */
export const asPrinted = printAndPhotograph;

/** A model behind such a camera; one view of each picture is the picture itself. */
export const openCamera = (bytes, transforms, samples = 8) => openEotTarget(bytes, { transforms, samples, still: true, seed: 1 });

/** Noise within the radius for each sign, made over slight changes of the view. */
export async function noiseFor(camera, { x, y }, { steps = 80, confidence = 6 } = {}) {
  const result = await runAttack(attacks.get("pgd"), {
    target: camera,
    x,
    labels: y,
    threat: { norm: "linf", epsilons: [noiseRadius], bounds },
    params: { steps, loss: "log-wrong", momentum: 0.9, randomStart: false, stepSize: noiseRadius / 20 },
    confidence,
  });
  return toFloat(result.nearest);
}

/** Pixels that a sticker may have: a part of the sign's area, which the mask says to a part of a pixel. */
export const stickerPixels = (mask) => Math.floor(stickerShare * mask.reduce((sum, share) => sum + share, 0));

/** A sticker for each sign, anywhere on it, made over random views. Signs are attacked one by one: each has a mask of its own. */
export async function stickersFor(camera, { x, masks, count }, { steps = 50, places = 4, confidence = 6 } = {}) {
  const found = x.slice();
  for (let sign = 0; sign < count; sign++) {
    const off = [...masks[sign].keys()].filter((i) => masks[sign][i] < 0.99);
    const result = await runAttack(attacks.get("patch"), {
      target: camera,
      x: x.slice(sign * rowSize, (sign + 1) * rowSize),
      labels: Int32Array.of(stop),
      threat: {
        norm: "l0",
        epsilons: [3 * stickerPixels(masks[sign])],
        bounds,
        constraints: { immutable: off.flatMap((i) => [i, plane + i, 2 * plane + i]) },
      },
      params: { steps, places, shape: "rectangle", loss: "log-wrong" },
      confidence,
    });
    found.set(toFloat(result.nearest), sign * rowSize);
  }
  return found;
}

/** The same places, filled with grey or with random colours: what a sticker does that nobody has computed. */
export function controls(stickers, { x, count }) {
  const [grey, random] = [x.slice(), x.slice()];
  const rng = createSeeded(77);
  for (let sign = 0; sign < count; sign++) {
    const at = sign * rowSize;
    for (let i = 0; i < plane; i++) {
      const pixel = [0, 1, 2].map((c) => at + c * plane + i);
      if (pixel.every((k) => stickers[k] === x[k])) continue;
      for (const k of pixel) {
        grey[k] = 0.5;
        random[k] = rng.unit() < 0.5 ? 0 : 1;
      }
    }
  }
  return { grey, random };
}

/** The rows of signs that hold, as a set of its own. */
export function only(signs, keep) {
  const rows = [...keep.keys()].filter((row) => keep[row]);
  const x = new Float32Array(rows.length * rowSize);
  rows.forEach((row, i) => x.set(signs.x.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize));
  return { x, y: Int32Array.from(rows, (row) => signs.y[row]), masks: rows.map((row) => signs.masks[row]), count: rows.length };
}
