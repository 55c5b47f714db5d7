// What stands behind a sign: functions from a place in the picture (0 to 1 each way) to a colour. Training and testing have kinds of their own.
import { between, clouds, mix, pick } from "./random.mjs";

const shade = (rng, colour, by) => colour.map((value) => value + between(rng, -by, by));

/** Kinds that training sees. */
const training = [
  function sky(rng) {
    const [high, low] = [shade(rng, [0.35, 0.55, 0.85], 0.12), shade(rng, [0.75, 0.83, 0.9], 0.1)];
    const cloud = clouds(rng, 5);
    return (x, y) => mix(mix(high, low, y), [0.95, 0.95, 0.95], 0.6 * Math.max(0, cloud(x, y) - 0.4));
  },
  function foliage(rng) {
    const [dark, light] = [shade(rng, [0.1, 0.22, 0.08], 0.06), shade(rng, [0.45, 0.6, 0.25], 0.12)];
    const [leaves, boughs] = [clouds(rng, 16), clouds(rng, 4)];
    return (x, y) => mix(dark, light, 0.6 * leaves(x, y) + 0.4 * boughs(x, y));
  },
  function bricks(rng) {
    const [stone, joint] = [shade(rng, [0.55, 0.3, 0.22], 0.12), shade(rng, [0.7, 0.68, 0.62], 0.1)];
    const [rows, noise] = [between(rng, 6, 12), clouds(rng, 14)];
    return (x, y) => {
      const row = Math.floor(y * rows);
      const along = x * rows * 0.5 + (row % 2) * 0.5;
      const isJoint = y * rows - row < 0.15 || along - Math.floor(along) < 0.08;
      return mix(isJoint ? joint : stone, [0.2, 0.15, 0.12], 0.35 * noise(x, y));
    };
  },
  function plain(rng) {
    const [a, b] = [shade(rng, [0.5, 0.5, 0.5], 0.4), shade(rng, [0.5, 0.5, 0.5], 0.4)];
    const noise = clouds(rng, pick(rng, [2, 4, 8]));
    return (x, y) => mix(a, b, noise(x, y));
  },
  function patchwork(rng) {
    const colours = Array.from({ length: 9 }, () => shade(rng, [0.5, 0.5, 0.48], 0.35));
    const [a, b, c, d] = [between(rng, 0.1, 0.5), between(rng, 0.5, 0.9), between(rng, 0.1, 0.5), between(rng, 0.5, 0.9)];
    return (x, y) => colours[(x < a ? 0 : x < b ? 1 : 2) + 3 * (y < c ? 0 : y < d ? 1 : 2)];
  },
];

/** Kinds kept for testing. */
const testing = [
  function houses(rng) {
    const [wall, glass] = [shade(rng, [0.7, 0.65, 0.55], 0.2), shade(rng, [0.25, 0.3, 0.36], 0.1)];
    const [columns, floors, roof] = [between(rng, 3, 6), between(rng, 3, 6), between(rng, 0.05, 0.3)];
    const sky = shade(rng, [0.7, 0.78, 0.88], 0.1);
    const part = (value) => value - Math.floor(value);
    return (x, y) => {
      if (y < roof) return sky;
      return part(x * columns) > 0.4 && part(y * floors) > 0.45 ? glass : wall;
    };
  },
  function road(rng) {
    const [asphalt, air, verge] = [
      shade(rng, [0.35, 0.35, 0.37], 0.1),
      shade(rng, [0.8, 0.75, 0.7], 0.15),
      shade(rng, [0.4, 0.45, 0.2], 0.1),
    ];
    const [horizon, bend, grain] = [between(rng, 0.4, 0.7), between(rng, -0.4, 0.4), clouds(rng, 20)];
    return (x, y) => {
      if (y < horizon) return mix(air, verge, 0.5 * (y / horizon) ** 4);
      const [depth, middle] = [(y - horizon) / (1 - horizon), 0.5 + bend * (1 - y)];
      const offset = Math.abs(x - middle);
      const lane = offset < 0.03 * depth + 0.005 ? [0.9, 0.9, 0.85] : offset < 0.1 + 0.5 * depth ? asphalt : verge;
      return mix(lane, [0.2, 0.2, 0.2], 0.3 * grain(x, y));
    };
  },
  function fence(rng) {
    const [wood, gap] = [shade(rng, [0.6, 0.45, 0.3], 0.15), shade(rng, [0.3, 0.4, 0.25], 0.15)];
    const [slats, lean, veins] = [between(rng, 5, 11), between(rng, -0.3, 0.3), clouds(rng, 9)];
    return (x, y) => {
      const along = (x + lean * y) * slats;
      return mix(along - Math.floor(along) < 0.72 ? wood : gap, [0.15, 0.1, 0.08], 0.4 * veins(x, y * 0.3));
    };
  },
  function lights(rng) {
    const ground = shade(rng, [0.18, 0.18, 0.24], 0.12);
    const lamps = Array.from({ length: 7 }, () => [
      rng.unit(),
      rng.unit(),
      between(rng, 0.05, 0.16),
      shade(rng, [0.8, 0.7, 0.5], 0.25),
    ]);
    return (x, y) =>
      lamps.reduce((colour, [cx, cy, r, own]) => (Math.hypot(x - cx, y - cy) < r ? mix(colour, own, 0.6) : colour), ground);
  },
];

/** A background of one of the kinds of a part. */
export const background = (rng, part) => pick(rng, part === "test" ? testing : training)(rng);
