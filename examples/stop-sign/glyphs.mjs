// Letters, digits and figures as strokes of our own, in a box of 1 × 1 with y downwards.
import { disc, stroke } from "./raster.mjs";

/** Part of an ellipse, angles in degrees, 0 to the right and clockwise. */
const arc = ([x, y], [rx, ry], [from, to]) =>
  Array.from({ length: 13 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / 12) * Math.PI) / 180;
    return [x + rx * Math.cos(angle), y + ry * Math.sin(angle)];
  });

const ring = arc([0.5, 0.5], [0.42, 0.5], [0, 360]);
const glyphs = {
  S: [[...arc([0.5, 0.25], [0.4, 0.25], [-25, -270]), ...arc([0.5, 0.75], [0.4, 0.25], [-90, 155])]],
  T: [
    [
      [0.05, 0],
      [0.95, 0],
    ],
    [
      [0.5, 0],
      [0.5, 1],
    ],
  ],
  O: [ring],
  P: [[[0.12, 1], [0.12, 0], [0.5, 0], ...arc([0.5, 0.27], [0.4, 0.27], [-90, 90]), [0.12, 0.54]]],
  0: [ring],
  1: [
    [
      [0.2, 0.22],
      [0.55, 0],
      [0.55, 1],
    ],
  ],
  2: [[...arc([0.5, 0.28], [0.4, 0.28], [-170, 30]), [0.1, 1], [0.92, 1]]],
  3: [[...arc([0.46, 0.25], [0.38, 0.25], [-150, 90]), ...arc([0.46, 0.74], [0.42, 0.26], [-90, 150])]],
  5: [[[0.85, 0], [0.22, 0], [0.16, 0.45], ...arc([0.47, 0.68], [0.4, 0.31], [-115, 150])]],
  7: [
    [
      [0.08, 0],
      [0.92, 0],
      [0.4, 1],
    ],
  ],
};

/** Words as polygons: `box` is left, top, width, height; `weight` the width of strokes as a part of the height. */
export function text(word, [left, top, width, height], weight) {
  const advance = width / word.length;
  return [...word].flatMap((letter, i) =>
    glyphs[letter].flatMap((line) =>
      stroke(
        line.map(([x, y]) => [left + advance * (i + 0.12 + 0.76 * x), top + height * y]),
        weight * height,
      ),
    ),
  );
}

/** Somebody walking, about the origin, one unit high. */
export const walker = (size) => {
  const limbs = [
    [
      [0, -0.22],
      [-0.02, 0.12],
    ],
    [
      [-0.02, 0.12],
      [0.14, 0.3],
      [0.16, 0.5],
    ],
    [
      [-0.02, 0.12],
      [-0.1, 0.32],
      [-0.24, 0.48],
    ],
    [
      [0, -0.18],
      [0.17, 0.0],
      [0.26, 0.02],
    ],
    [
      [0, -0.18],
      [-0.16, 0.04],
    ],
  ];
  const scaled = (line) => line.map(([x, y]) => [x * size, y * size]);
  return [disc(0.11 * size, [0.02 * size, -0.4 * size]), ...limbs.flatMap((line) => stroke(scaled(line), 0.11 * size))];
};

/** An arrow along a line: its last piece ends in a head. */
export function arrow(line, width) {
  const [[x0, y0], [x1, y1]] = line.slice(-2);
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [dx, dy] = [(x1 - x0) / length, (y1 - y0) / length];
  const head = [
    [x1 + dx * width * 1.7, y1 + dy * width * 1.7],
    [x1 - dy * width * 1.5, y1 + dx * width * 1.5],
    [x1 + dy * width * 1.5, y1 - dx * width * 1.5],
  ];
  return [...stroke(line, width), head];
}
