/** The smallest rectangle around points, at any angle. */

type Point = readonly [x: number, y: number];

/** A rectangle by its middle, its sides, and the angle of the side called width, in radians. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly angle: number;
}

/** Andrew's monotone chain (1979): the convex hull, in turn. */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (ordered: readonly Point[]): Point[] => {
    const chain: Point[] = [];
    for (const point of ordered) {
      while (chain.length > 1 && turn(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

const turn = (a: Point, b: Point, c: Point): number => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/**
 * The rectangle of least area: one of its sides lies along the hull (Freeman and Shapira 1975). The width is the side nearest to the
 * horizontal, so that the angle is within ±45°.
 */
export function smallestRectangle(points: readonly Point[]): Rectangle {
  const hull = convexHull(points);
  let best: Rectangle | undefined;
  hull.forEach((from, i) => {
    const to = hull[(i + 1) % hull.length]!;
    const along = Math.atan2(to[1] - from[1], to[0] - from[0]);
    const angle = along - (Math.PI / 2) * Math.round(along / (Math.PI / 2));
    const one = boundsAt(hull, angle);
    if (best === undefined || one.width * one.height < best.width * best.height) best = one;
  });
  return best ?? { x: points[0]?.[0] ?? 0, y: points[0]?.[1] ?? 0, width: 0, height: 0, angle: 0 };
}

function boundsAt(hull: readonly Point[], angle: number): Rectangle {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  let [left, right, top, bottom] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const [x, y] of hull) {
    const [u, v] = [x * cos + y * sin, y * cos - x * sin];
    [left, right, top, bottom] = [Math.min(left, u), Math.max(right, u), Math.min(top, v), Math.max(bottom, v)];
  }
  const [u, v] = [(left + right) / 2, (top + bottom) / 2];
  return { x: u * cos - v * sin, y: u * sin + v * cos, width: right - left, height: bottom - top, angle };
}

/**
 * What the shrunken kernel of a line was cut from: grown on all sides by `ratio · area / perimeter` (Liao et al. 2020, "Real-time scene
 * text detection with differentiable binarization", eq. 10).
 */
export function unclip(box: Rectangle, ratio: number): Rectangle {
  const by = (ratio * box.width * box.height) / (2 * (box.width + box.height));
  return { ...box, width: box.width + 2 * by, height: box.height + 2 * by };
}
