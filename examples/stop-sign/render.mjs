// Renders pictures of road signs: `node examples/stop-sign/render.mjs OUT.svg` draws a sheet of all classes, training on the left, testing on the
// right. All of it is drawn here, nothing is a photograph. Equal seeds give equal pictures; the test part has seeds, backgrounds and wear of its own.
import { writeFileSync } from "node:fs";
import { createSeeded } from "modelkeep/math";
import { imageTile, shades } from "modelkeep/plot";
import { photograph } from "./air.mjs";
import { background } from "./backgrounds.mjs";
import { between, mix } from "./random.mjs";
import { textureSize } from "./raster.mjs";
import { classes, textureOf } from "./signs.mjs";
import { cover, wear } from "./wear.mjs";

/** Pixels on each side of a picture, and numbers in it. */
export const size = 40;
export const rowSize = 3 * size * size;
const samples = 2; // on each side of a pixel
const streams = { train: 1, validation: 2, test: 3 };

/** How signs stand: training sees them turned further than testing does, so that a camera's view of a picture is nothing new. */
const poses = {
  train: { turn: 28, radius: [12, 20], shift: 4, tilt: 0.22, aspect: 0.75 },
  test: { turn: 10, radius: [14.5, 18], shift: 1.5, tilt: 0.12, aspect: 0.88 },
};

/** From a pixel to the sign's plane: turned, tilted, seen from the side. */
function pose(rng, part) {
  const { turn, radius, shift, tilt, aspect } = part === "test" ? poses.test : poses.train;
  const angle = (between(rng, -turn, turn) * Math.PI) / 180;
  const across = 1 / between(rng, ...radius);
  const along = across / between(rng, aspect, 1);
  const [cx, cy] = [size / 2 + between(rng, -shift, shift), size / 2 + between(rng, -shift, shift)];
  const [tx, ty] = [between(rng, -tilt, tilt) * across, between(rng, -tilt, tilt) * across];
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return (px, py) => {
    const [dx, dy] = [px - cx, py - cy];
    const depth = 1 + tx * dx + ty * dy;
    return [((cos * dx + sin * dy) * along) / depth, ((-sin * dx + cos * dy) * across) / depth];
  };
}

/** The ground, a post, the sign, and what hides it; in `mask` how much of each pixel is sign. */
function scene(rng, { label, part, paint }) {
  const [ground, place] = [background(rng, part), pose(rng, part)];
  const texture = textureOf(label, rng.below(3));
  const [worn, hidden, post] = [wear(rng, part), cover(rng, part), between(rng, 0.3, 0.65)];
  const planes = new Float32Array(rowSize);
  const mask = new Float32Array(size * size);
  const share = 1 / (samples * samples);
  for (let at = 0; at < size * size; at++) {
    const [line, column] = [Math.floor(at / size), at % size];
    const behind = ground((column + 0.5) / size, (line + 0.5) / size);
    for (let sub = 0; sub < samples * samples; sub++) {
      const [x, y] = place(column + ((sub % samples) + 0.5) / samples, line + (Math.floor(sub / samples) + 0.5) / samples);
      let colour = y > 0 && Math.abs(x) < 0.06 ? [post, post, post] : behind;
      const texel = texelAt(x, y);
      const cover = texel < 0 ? 0 : texture[texel + 3];
      if (cover > 0) {
        const own = paint ?? worn(x, y, [texture[texel], texture[texel + 1], texture[texel + 2]]);
        const above = paint === undefined ? hidden(x, y) : undefined;
        colour = above ?? (cover < 1 ? mix(colour, own, cover) : own);
        mask[at] += cover * share;
      }
      for (let c = 0; c < 3; c++) planes[c * size * size + at] += colour[c] * share;
    }
  }
  return { planes, mask };
}

/** Where the texel of a place begins; below 0 outside the texture. */
function texelAt(x, y) {
  const [column, line] = [Math.floor(((x + 1) * textureSize) / 2), Math.floor(((y + 1) * textureSize) / 2)];
  return column < 0 || line < 0 || column >= textureSize || line >= textureSize ? -1 : (line * textureSize + column) * 4;
}

/**
 * One picture: its bytes, how much of each pixel is sign, and the weather. With `paint`, a colour, the sign is as large, lit and seen through the
 * same air, but painted over.
 */
export function render({ label, part, seed, index, paint }) {
  const rng = createSeeded(seed, streams[part], label, index);
  const { planes, mask } = scene(rng, { label, part, paint });
  return { label, mask, ...photograph(rng, planes, size) };
}

/** So many pictures of each class (or of `labels` alone), as a model takes them: numbers from 0 to 1. */
export function renderSet({ part, each, seed = 1, labels = [...classes.keys()] }) {
  const count = each * labels.length;
  const x = new Float32Array(count * rowSize);
  const y = new Int32Array(count);
  const masks = [];
  for (let i = 0; i < count; i++) {
    const picture = render({ label: labels[i % labels.length], part, seed, index: Math.floor(i / labels.length) });
    for (let k = 0; k < rowSize; k++) x[i * rowSize + k] = picture.bytes[k] / 255;
    y[i] = picture.label;
    masks.push(picture.mask);
  }
  return { x, y, masks, count };
}

/** Rows of pictures beside each other as the planes of one, white between them. */
function beside(rows) {
  const cell = size + 1;
  const [width, height] = [rows[0].length * cell + 1, rows.length * cell + 1];
  const values = new Uint8Array(3 * width * height).fill(255);
  for (const [j, row] of rows.entries())
    for (const [i, bytes] of row.entries())
      for (let at = 0; at < rowSize; at++) {
        const [c, line, column] = [Math.floor(at / size ** 2), Math.floor(at / size) % size, at % size];
        values[(c * height + j * cell + 1 + line) * width + i * cell + 1 + column] = bytes[at];
      }
  return { channels: 3, width, height, values };
}

if (process.argv[1] === import.meta.filename) {
  const row = (label) =>
    ["train", "test"].flatMap((part) => Array.from({ length: 6 }, (_, index) => render({ label, part, seed: 1, index }).bytes));
  const planes = beside([...classes.keys()].map(row));
  const title = "Road signs of all classes: training on the left, testing on the right";
  writeFileSync(process.argv[2] ?? "signs-sheet.svg", imageTile(title, shades(planes, { min: 0, max: 255 })));
}
