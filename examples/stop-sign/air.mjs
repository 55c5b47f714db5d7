// What lies between a sign and the picture of it: light, weather, a lens out of focus or in motion, the sensor. All on planes (3 × size × size).
import { between, chance, clouds, normalish, pick } from "./random.mjs";

function lit(rng, planes, size) {
  const [gain, cast] = [between(rng, 0.45, 1.2), [0, 1, 2].map(() => between(rng, 0.9, 1.1))];
  const [angle, slope] = [between(rng, 0, 2 * Math.PI), between(rng, 0, 0.35)];
  const shadow = chance(rng, 0.2) ? clouds(rng, 3) : undefined;
  each(size, (x, y, at) => {
    const side = 1 + slope * ((x - 0.5) * Math.cos(angle) + (y - 0.5) * Math.sin(angle));
    const light = gain * side * (shadow === undefined ? 1 : 0.6 + 0.4 * Number(shadow(x, y) > 0.45));
    for (let c = 0; c < 3; c++) planes[c * size * size + at] *= light * cast[c];
  });
}

const weather = {
  dry() {},
  fog(rng, planes, size) {
    const [thick, tone, drift] = [between(rng, 0.15, 0.5), between(rng, 0.6, 0.85), clouds(rng, 3)];
    each(size, (x, y, at) => {
      const share = thick * (0.8 + 0.4 * drift(x, y));
      for (let c = 0; c < 3; c++) planes[c * size * size + at] += share * (tone - planes[c * size * size + at]);
    });
  },
  rain(rng, planes, size) {
    const lean = between(rng, -0.4, 0.4);
    for (let drop = 0; drop < 14; drop++) {
      let [x, y] = [between(rng, 0, size), between(rng, -4, size)];
      const [length, bright] = [3 + rng.below(5), between(rng, 0.1, 0.3)];
      for (let i = 0; i < length; i++, x += lean, y++) lighten(planes, size, { x, y, by: bright });
    }
  },
  snow(rng, planes, size) {
    for (let flake = 0; flake < 26; flake++) {
      const [x, y, bright] = [between(rng, 0, size - 1), between(rng, 0, size - 1), between(rng, 0.4, 0.9)];
      lighten(planes, size, { x, y, by: bright });
      if (chance(rng, 0.4)) lighten(planes, size, { x: x + 1, y, by: bright * 0.6 });
    }
  },
};

function lighten(planes, size, { x, y, by }) {
  const [column, line] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || line < 0 || column >= size || line >= size) return;
  for (let c = 0; c < 3; c++) {
    const at = (c * size + line) * size + column;
    planes[at] += by * (0.95 - planes[at]);
  }
}

/** A mean along a short line, or along both axes. */
function blurred(rng, planes, size) {
  const sigma = between(rng, 0, 0.8);
  if (sigma < 0.25) return planes;
  const moving = chance(rng, 0.3);
  const directions = moving
    ? [
        pick(rng, [
          [1, 0],
          [0, 1],
          [1, 1],
        ]),
      ]
    : [
        [1, 0],
        [0, 1],
      ];
  const kernel = [-2, -1, 0, 1, 2].map((i) => Math.exp((-i * i) / (2 * (moving ? 1.5 * sigma : sigma) ** 2)));
  const total = kernel.reduce((a, b) => a + b, 0);
  return directions.reduce((from, [dx, dy]) => {
    const to = new Float32Array(from.length);
    for (let c = 0; c < 3; c++) {
      for (let at = 0; at < size * size; at++) {
        const [x, y] = [at % size, Math.floor(at / size)];
        let sum = 0;
        for (let i = -2; i <= 2; i++)
          sum += kernel[i + 2] * from[(c * size + clamp(y + i * dy, size)) * size + clamp(x + i * dx, size)];
        to[c * size * size + at] = sum / total;
      }
    }
    return to;
  }, planes);
}

const clamp = (value, size) => Math.min(size - 1, Math.max(0, value));

function each(size, look) {
  for (let line = 0; line < size; line++)
    for (let column = 0; column < size; column++) look((column + 0.5) / size, (line + 0.5) / size, line * size + column);
}

/** The picture that a camera takes of a scene: bytes, 0 to 255. */
export function photograph(rng, planes, size) {
  lit(rng, planes, size);
  const name = pick(rng, ["dry", "dry", "dry", "fog", "rain", "snow"]);
  weather[name](rng, planes, size);
  const seen = blurred(rng, planes, size);
  const noise = between(rng, 0, 0.025);
  const bytes = new Uint8Array(seen.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(255 * clamp01(seen[i] + noise * normalish(rng)));
  return { weather: name, bytes };
}

const clamp01 = (value) => Math.min(1, Math.max(0, value));
