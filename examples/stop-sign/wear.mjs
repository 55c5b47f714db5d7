// What years do to a sign: functions over its plane (x and y from -1 to 1) that change a colour. Training and testing have kinds of their own; both
// also fade. Something in front of the sign (`cover`) says where it hides it, and in which colour.
import { between, chance, clouds, mix, pick } from "./random.mjs";

const grey = ([r, g, b]) => (r + g + b) / 3;

function faded(rng, most) {
  const [share, dust] = [between(rng, 0, most), between(rng, 0.5, 0.85)];
  return (x, y, colour) => {
    const to = 0.6 * dust + 0.4 * grey(colour);
    return mix(colour, [to, to, to], share);
  };
}

const distance = ([ax, ay, bx, by], x, y) => {
  const [dx, dy] = [bx - ax, by - ay];
  const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - t * dx, y - ay - t * dy);
};

const training = [
  function scratches(rng) {
    const lines = Array.from({ length: 1 + rng.below(5) }, () => [0, 0, 0, 0].map(() => between(rng, -1, 1)));
    const [width, tone] = [between(rng, 0.015, 0.05), between(rng, 0.3, 0.85)];
    return (x, y, colour) => (lines.some((line) => distance(line, x, y) < width) ? mix(colour, [tone, tone, tone], 0.8) : colour);
  },
  function rust(rng) {
    const [spots, level] = [clouds(rng, 7), between(rng, 0.72, 0.9)];
    return (x, y, colour) => (spots((x + 1) / 2, (y + 1) / 2) > level ? mix(colour, [0.4, 0.22, 0.1], 0.8) : colour);
  },
];

const testing = [
  function peeling(rng) {
    const [angle, depth, spots] = [between(rng, 0, 2 * Math.PI), between(rng, 0.6, 0.9), clouds(rng, 8)];
    return (x, y, colour) =>
      x * Math.cos(angle) + y * Math.sin(angle) + 0.4 * spots((x + 1) / 2, (y + 1) / 2) > depth ? [0.62, 0.63, 0.64] : colour;
  },
  function dirt(rng) {
    const [line, most, streaks] = [between(rng, -0.4, 0.5), between(rng, 0.2, 0.5), clouds(rng, 10)];
    return (x, y, colour) =>
      mix(colour, [0.35, 0.3, 0.24], most * Math.min(1, Math.max(0, y - line + 0.5 * streaks((x + 1) / 2, 0.5))));
  },
  function scrawl(rng) {
    const [start, bend, tone] = [
      between(rng, -0.6, 0.6),
      between(rng, 2, 7),
      pick(rng, [
        [0.1, 0.1, 0.1],
        [0.2, 0.3, 0.6],
        [0.85, 0.85, 0.8],
      ]),
    ];
    const [from, to] = [between(rng, -0.9, -0.1), between(rng, 0.1, 0.8)];
    return (x, y, colour) => (x > from && x < to && Math.abs(y - start - 0.18 * Math.sin(bend * x)) < 0.045 ? tone : colour);
  },
];

/** All that has happened to the sign itself. */
export function wear(rng, part) {
  const changes = [faded(rng, part === "test" ? 0.4 : 0.55)];
  if (chance(rng, 0.5)) changes.push(pick(rng, part === "test" ? testing : training)(rng));
  return (x, y, colour) => changes.reduce((now, change) => change(x, y, now), colour);
}

const nothing = () => undefined;

/** What hides a part of the sign: leaves where we train; snow that lies on its upper edge, or a strap, where we test. */
export function cover(rng, part) {
  if (!chance(rng, 0.25)) return nothing;
  if (part !== "test") {
    const angle = between(rng, 0, 2 * Math.PI);
    const leaves = Array.from({ length: 2 + rng.below(5) }, () => [
      between(rng, 0.7, 1.1) * Math.cos(angle + between(rng, -0.5, 0.5)),
      between(rng, 0.7, 1.1) * Math.sin(angle + between(rng, -0.5, 0.5)),
      between(rng, 0.12, 0.3),
      [between(rng, 0.1, 0.3), between(rng, 0.3, 0.5), between(rng, 0.05, 0.2)],
    ]);
    return (x, y) => leaves.find(([cx, cy, r]) => Math.hypot(x - cx, (y - cy) * 1.5) < r)?.[3];
  }
  if (chance(rng, 0.5)) {
    const [depth, drift] = [between(rng, 0.1, 0.35), clouds(rng, 6)];
    return (x, y) => (y < -1 + depth + 0.3 * drift((x + 1) / 2, 0.5) ? [0.93, 0.95, 0.98] : undefined);
  }
  const [height, width, tone] = [pick(rng, [-1, 1]) * between(rng, 0.45, 0.75), between(rng, 0.05, 0.1), between(rng, 0.2, 0.7)];
  return (x, y) => (Math.abs(y - height) < width ? [tone, tone, tone] : undefined);
}
