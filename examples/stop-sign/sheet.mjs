// The attacks side by side, as one SVG: each sign as it is, the noise magnified, the sign with it, the sign with its sticker, and what the model says.
import { encodePng } from "./png.mjs";
import { rowSize, size } from "./render.mjs";
import { noiseRadius } from "./fool.mjs";
import { classes } from "./signs.mjs";

const zoom = 3;
const tile = size * zoom;
const gap = 16;
const columns = ["as it is", "noise, × 16", "with the noise", "with a sticker"];

const uri = (pixels) => `data:image/png;base64,${encodePng({ width: size, height: size, samples: pixels }).toString("base64")}`;

function pixelsOf(x) {
  const samples = new Uint8Array(rowSize);
  for (let i = 0; i < size * size; i++)
    for (let c = 0; c < 3; c++) samples[3 * i + c] = Math.round(255 * Math.min(1, Math.max(0, x[c * size * size + i])));
  return samples;
}

/** Grey where nothing changed; the radius is the whole way to black or white. */
const noiseOf = (from, to) => pixelsOf(to.map((value, i) => 0.5 + (0.5 * (value - from[i])) / noiseRadius));

/** The first `rows` signs. `plain` is asked what each picture shows. */
export async function drawSheet(plain, { known, noisy, stickers }, rows = 6) {
  const width = gap + columns.length * (tile + gap);
  const height = 34 + rows * (tile + gap + 20);
  const row = (x, i) => x.subarray(i * rowSize, (i + 1) * rowSize);
  const text = (x, y, words, extra = "") => `<text x="${x}" y="${y}" ${extra}>${words}</text>`;
  const parts = columns.map((name, i) => text(gap + i * (tile + gap), 20, name, 'font-weight="bold"'));
  for (let i = 0; i < rows; i++) {
    const pictures = [known.x, undefined, noisy, stickers];
    const top = 34 + i * (tile + gap + 20);
    for (const [column, x] of pictures.entries()) {
      const left = gap + column * (tile + gap);
      const pixels = x === undefined ? noiseOf(row(known.x, i), row(noisy, i)) : pixelsOf(row(x, i));
      parts.push(`<image x="${left}" y="${top}" width="${tile}" height="${tile}" href="${uri(pixels)}"/>`);
      if (x === undefined) continue;
      const [label] = await plain.decide({ x: row(x, i).slice(), count: 1 });
      parts.push(text(left, top + tile + 15, classes[label], label === known.y[i] ? "" : 'fill="#b00020" font-weight="bold"'));
    }
  }
  const style = 'font-family="sans-serif" font-size="12"';
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ${style}>
<style>image{image-rendering:pixelated}</style><rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}
