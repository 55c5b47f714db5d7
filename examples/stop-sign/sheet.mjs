// The attacks side by side, as one SVG: each sign as it is, the noise magnified, the sign with it, the sign with its sticker, and what the model says.
import { imageTile, shades } from "modelkeep/plot";
import { noiseRadius } from "./fool.mjs";
import { rowSize, size } from "./render.mjs";
import { classes } from "./signs.mjs";

const tile = 2 * size;
const gap = 8;
const lineHeight = 22;
const columns = ["as it is", "noise × 16", "with noise", "with sticker"];
const head = 24;

const asPicture = (values, range = { min: 0, max: 1 }) => shades({ channels: 3, height: size, width: size, values }, range);

/** Grey where nothing changed; the radius is the whole way to black or white. */
const asNoise = (from, to) =>
  asPicture(
    to.map((value, i) => value - from[i]),
    { min: -noiseRadius, max: noiseRadius },
  );

/** The first `rows` signs. `plain` is asked what each picture shows. As wide as a telephone, drawn twice as large where there is room. */
export async function drawSheet(plain, { known, noisy, stickers }, rows = 6) {
  const width = gap + columns.length * (tile + gap);
  const height = head + rows * (tile + lineHeight);
  const row = (x, i) => x.slice(i * rowSize, (i + 1) * rowSize);
  const words = (x, y, said, extra = "") => `<text x="${x}" y="${y}" ${extra}>${said}</text>`;
  const leftOf = (column) => gap + column * (tile + gap);
  const parts = columns.map((name, i) => words(leftOf(i), 16, name, 'font-weight="bold"'));
  for (let i = 0; i < rows; i++) {
    const top = head + i * (tile + lineHeight);
    const place = (column, title, pixels) =>
      `<svg x="${leftOf(column)}" y="${top}" width="${tile}" height="${tile}">${imageTile(title, pixels)}</svg>`;
    for (const [column, x] of [known.x, undefined, noisy, stickers].entries()) {
      if (x === undefined) {
        parts.push(place(column, columns[column], asNoise(row(known.x, i), row(noisy, i))));
        continue;
      }
      const [label] = await plain.decide({ x: row(x, i), count: 1 });
      const wrong = label === known.y[i] ? "" : 'fill="#b00020" font-weight="bold"';
      parts.push(place(column, `a stop sign, ${columns[column]}: ${classes[label]}`, asPicture(row(x, i))));
      parts.push(words(leftOf(column), top + tile + 14, classes[label], wrong));
    }
  }
  const look = 'font-family="sans-serif" font-size="11.5"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${2 * width}" height="${2 * height}" ${look}>
<title>Stop signs as they are, with noise and with stickers, and what the classifier takes them for</title>
<style>image{image-rendering:pixelated}</style><rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}
