// The signs, after the Vienna Convention on Road Signs and Signals, as coloured polygons. Drawn by us: no photograph and no published symbol set.
import { arrow, text, walker } from "./glyphs.mjs";
import { blank, disc, paint, rectangle, regular, stroke } from "./raster.mjs";

const red = [0.76, 0.08, 0.1];
const white = [0.95, 0.95, 0.93];
const black = [0.07, 0.07, 0.08];
const blue = [0.07, 0.27, 0.62];
const yellow = [0.96, 0.76, 0.1];

const triangle = (radius, turn, y) => regular(3, radius, turn, [0, y]);
const octagon = (radius) => regular(8, radius, 22.5);
const warning = (inside) => () => [
  [[triangle(1.08, -90, 0.22)], red],
  [[triangle(0.72, -90, 0.22)], white],
  [inside(), black],
];
const forbidden = (inside, ground = white) => [[[disc(0.98)], red], [[disc(0.76)], ground], ...inside];
const limit = (digits) => (weight) =>
  forbidden([[text(digits, digits.length === 2 ? [-0.55, -0.38, 1.1, 0.76] : [-0.64, -0.32, 1.28, 0.64], weight), black]]);
const mandatory = (inside) => () => [
  [[disc(0.98)], white],
  [[disc(0.92)], blue],
  [inside, white],
];
const curved = (from) =>
  Array.from({ length: 8 }, (_, i) => {
    const angle = ((from + i * 10) * Math.PI) / 180;
    return [0.5 * Math.cos(angle), 0.5 * Math.sin(angle)];
  });

/** By class: layers from the ground up, for a weight of the strokes. */
const drawings = {
  stop: (weight) => [
    [[octagon(1)], white],
    [[octagon(0.93)], red],
    [text("STOP", [-0.72, -0.27, 1.44, 0.54], weight), white],
  ],
  yield: () => [
    [[triangle(1.08, 90, -0.22)], red],
    [[triangle(0.66, 90, -0.22)], white],
  ],
  "no entry": () => [
    [[disc(0.98)], white],
    [[disc(0.93)], red],
    [[rectangle(-0.65, -0.17, 0.65, 0.17)], white],
  ],
  "priority road": () => [
    [[regular(4, 1.05)], black],
    [[regular(4, 1)], white],
    [[regular(4, 0.72)], yellow],
  ],
  "limit 30": limit("30"),
  "limit 50": limit("50"),
  "limit 70": limit("70"),
  "limit 100": limit("100"),
  "no vehicles": () => forbidden([]),
  "no stopping": () =>
    forbidden(
      [
        [
          [
            ...stroke(
              [
                [-0.52, -0.52],
                [0.52, 0.52],
              ],
              0.2,
            ),
            ...stroke(
              [
                [0.52, -0.52],
                [-0.52, 0.52],
              ],
              0.2,
            ),
          ],
          red,
        ],
      ],
      blue,
    ),
  crossing: () => [
    [[rectangle(-0.9, -0.9, 0.9, 0.9)], white],
    [[rectangle(-0.84, -0.84, 0.84, 0.84)], blue],
    [[triangle(0.88, -90, 0.2)], white],
    [walker(0.8).map((polygon) => polygon.map(([x, y]) => [x, y + 0.16])), black],
  ],
  danger: warning(() => [
    ...stroke(
      [
        [0, -0.1],
        [0, 0.2],
      ],
      0.16,
    ),
    disc(0.09, [0, 0.42]),
  ]),
  "two ways": warning(() => [
    ...arrow(
      [
        [-0.14, 0.44],
        [-0.14, 0.14],
      ],
      0.1,
    ),
    ...arrow(
      [
        [0.14, 0.06],
        [0.14, 0.36],
      ],
      0.1,
    ),
  ]),
  "keep right": mandatory(
    arrow(
      [
        [-0.42, -0.42],
        [0.3, 0.3],
      ],
      0.22,
    ),
  ),
  "straight on": mandatory(
    arrow(
      [
        [0, 0.62],
        [0, -0.38],
      ],
      0.22,
    ),
  ),
  roundabout: mandatory([-90, 30, 150].flatMap((from) => arrow(curved(from), 0.17))),
};

/** Names of the classes; their place is their number. */
export const classes = Object.keys(drawings);

const weights = [0.15, 0.19, 0.24];
const textures = new Map();

/** The texture of a class, in one of three widths of strokes. */
export function textureOf(label, variant) {
  const key = `${label}/${variant}`;
  let texture = textures.get(key);
  if (texture === undefined) {
    texture = blank();
    for (const [polygons, colour] of drawings[classes[label]](weights[variant])) paint(texture, polygons, colour);
    textures.set(key, texture);
  }
  return texture;
}
