// How often a sign is taken for another: in the picture itself, in views that no attack was made with, and in weather that no attack was made for.
import { createSeeded } from "modelkeep/math";
import { photograph } from "./air.mjs";
import { rowSize, size } from "./render.mjs";

const freshSeed = 90210; // no attack was made with it

/** Mean over signs with its 95 % interval: signs are independent of each other, pictures of one sign are not. */
export function overSigns(shares) {
  const n = shares.length;
  const mean = shares.reduce((a, b) => a + b, 0) / n;
  const spread = Math.sqrt(shares.reduce((sum, share) => sum + (share - mean) ** 2, 0) / Math.max(1, n - 1));
  const half = (1.96 * spread) / Math.sqrt(n);
  return { mean, low: Math.max(0, mean - half), high: Math.min(1, mean + half), n };
}

/**
 * The share of pictures that a model takes for another class, mean over signs. They are one model bare (`plain`), behind slight changes of the
 * view, and behind printing and photographing.
 */
export async function measure({ plain, slight, printed, views }, x, labels) {
  const count = labels.length;
  const still = await plain.decide({ x, count });
  const inViews = async (target) => overSigns([...(await target.wrongShare({ x, count }, labels, views, freshSeed))]);
  return {
    picture: overSigns(Array.from(labels, (label, row) => Number(still[row] !== label))),
    slight: await inViews(slight),
    printed: await inViews(printed),
    weather: overSigns(await inWeather(plain, x, labels)),
  };
}

/** Side light, shadow, fog, rain, snow, motion blur, sensor noise: as the renderer makes them, on top of the picture. */
async function inWeather(plain, x, labels) {
  const pictures = 10;
  const shares = [];
  for (const [row, label] of labels.entries()) {
    const seen = new Float32Array(pictures * rowSize);
    for (let i = 0; i < pictures; i++) {
      const { bytes } = photograph(createSeeded(freshSeed, row, i), x.slice(row * rowSize, (row + 1) * rowSize), size);
      for (const [k, byte] of bytes.entries()) seen[i * rowSize + k] = byte / 255;
    }
    const answers = await plain.decide({ x: seen, count: pictures });
    shares.push(answers.filter((answer) => answer !== label).length / pictures);
  }
  return shares;
}
