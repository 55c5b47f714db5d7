// Draws from a seeded generator (`createSeeded` of modelkeep/math).

export const between = (rng, low, high) => low + (high - low) * rng.unit();
export const pick = (rng, list) => list[rng.below(list.length)];
export const chance = (rng, share) => rng.unit() < share;

/** About normal with mean 0 and deviation 1: the sum of four bytes. */
export const normalish = (rng) => {
  const bits = rng.uint32();
  return ((bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510) / 147.8;
};

/** Smooth noise between 0 and 1 on the unit square: random values on a grid, interpolated. */
export function clouds(rng, cells) {
  const grid = Float32Array.from({ length: (cells + 1) * (cells + 1) }, () => rng.unit());
  return (x, y) => {
    const gx = Math.min(0.999, Math.max(0, x)) * cells;
    const gy = Math.min(0.999, Math.max(0, y)) * cells;
    const at = Math.floor(gy) * (cells + 1) + Math.floor(gx);
    const s = smooth(gx - Math.floor(gx));
    const t = smooth(gy - Math.floor(gy));
    return (grid[at] * (1 - s) + grid[at + 1] * s) * (1 - t) + (grid[at + cells + 1] * (1 - s) + grid[at + cells + 2] * s) * t;
  };
}

const smooth = (t) => t * t * (3 - 2 * t);

export const mix = ([r, g, b], to, share) => [r + (to[0] - r) * share, g + (to[1] - g) * share, b + (to[2] - b) * share];
