// Noise and stickers for stop signs, made with the attacks of modelkeep/attack on a model behind transforms.
import { attacks, openEotTarget, printAndPhotograph, runAttack } from "modelkeep/attack";
import { toFloat } from "modelkeep/onnx";
import { render, renderSet, rowSize, size } from "./render.mjs";
import { classes } from "./signs.mjs";

/** Largest change of a number by noise. */
export const noiseRadius = 8 / 255;
/** The sticker's part of the sign's own area in the picture. */
export const stickerShare = 0.05;
const bounds = { low: 0, high: 1 };
/** A pixel is on the sign when so much of it is. */
const onSign = 0.99;
const stop = classes.indexOf("stop");
const plane = size * size;

/** Stop signs of the test part, with their masks, and what ink can look like on them: between black and white paint in that light and weather. */
export function stopSigns(count) {
  const signs = renderSet({ part: "test", each: count, labels: [stop] });
  const painted = (index, value) => render({ label: stop, part: "test", seed: 1, index, paint: [value, value, value] }).bytes;
  const inks = signs.masks.map((_, index) => {
    const own = signs.x.subarray(index * rowSize, (index + 1) * rowSize);
    return {
      low: Float32Array.from(painted(index, 0.04), (byte, i) => Math.min(byte / 255, own[i])),
      high: Float32Array.from(painted(index, 0.95), (byte, i) => Math.max(byte / 255, own[i])),
    };
  });
  return { ...signs, inks };
}

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
export async function noiseFor(camera, { x, y }, { steps = 60, confidence = 6 } = {}) {
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

/**
 * A sticker for each sign, anywhere on it, made over random views; with `ink` in colours that ink can have there, else in any that a picture can hold.
 * Signs are attacked one by one: each has a mask and a light of its own.
 */
export async function stickersFor(
  camera,
  { x, masks, inks, count },
  { steps = 40, places = 4, confidence = 6, ink = false } = {},
) {
  const found = x.slice();
  for (let sign = 0; sign < count; sign++) {
    const off = [...masks[sign].keys()].filter((i) => masks[sign][i] < onSign);
    const result = await runAttack(attacks.get("patch"), {
      target: camera,
      x: x.slice(sign * rowSize, (sign + 1) * rowSize),
      labels: Int32Array.of(stop),
      threat: {
        norm: "l0",
        epsilons: [3 * stickerPixels(masks[sign])],
        bounds: ink ? inks[sign] : bounds,
        constraints: { immutable: off.flatMap((i) => [i, plane + i, 2 * plane + i]) },
      },
      params: { steps, places, shape: "rectangle", loss: "log-wrong" },
      confidence,
    });
    found.set(toFloat(result.nearest), sign * rowSize);
  }
  return found;
}

/** Grey in the places of stickers, between black and white ink: what a sticker does that nobody has computed. */
export function greyStickers(stickers, { x, inks }) {
  return x.map((value, i) => {
    const [sign, within] = [Math.floor(i / rowSize), i % rowSize];
    const pixel = [0, 1, 2].map((c) => sign * rowSize + c * plane + (within % plane));
    const { low, high } = inks[sign];
    return pixel.some((k) => stickers[k] !== x[k]) ? (low[within] + high[within]) / 2 : value;
  });
}

/** The rows of signs that hold, as a set of its own. */
export function only(signs, keep) {
  const rows = [...keep.keys()].filter((row) => keep[row]);
  const x = new Float32Array(rows.length * rowSize);
  rows.forEach((row, i) => x.set(signs.x.subarray(row * rowSize, (row + 1) * rowSize), i * rowSize));
  const of = (list) => rows.map((row) => list[row]);
  return { x, y: Int32Array.from(of(signs.y)), masks: of(signs.masks), inks: of(signs.inks), count: rows.length };
}
