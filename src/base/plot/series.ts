import { element } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { fontSize, label, textWidth } from "./frame.ts";

/** A point of a curve; `low` and `high` are the ends of its interval. A value that is not finite breaks the line. */
export interface Point {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Series {
  readonly label: string;
  readonly points: readonly Point[];
  /** 1 … 8 of the palette, or quiet; the next free one unless said otherwise. */
  readonly colour?: number | "quiet";
  /** Colour is never the only difference: unless said otherwise each series of a chart has its own stroke. */
  readonly stroke?: Stroke;
  /** Marks at the points: on by default for 30 points and fewer. */
  readonly marks?: boolean;
}

export const strokes = ["solid", "dashed", "dotted", "dash-dot"] as const;
export type Stroke = (typeof strokes)[number];

/** A series with nothing left open. */
export interface StyledSeries extends Series {
  readonly colour: number | "quiet";
  readonly stroke: Stroke;
  readonly marks: boolean;
}

export function styled(series: readonly Series[]): StyledSeries[] {
  return series.map((one, at) => ({
    ...one,
    colour: one.colour ?? (at % 8) + 1,
    stroke: one.stroke ?? strokes[at % strokes.length]!,
    marks: one.marks ?? one.points.length <= 30,
  }));
}

/** The class that carries a series' colour and stroke; the colours themselves are in the style sheet. */
export const classOf = ({ colour, stroke }: Pick<StyledSeries, "colour" | "stroke">): string =>
  `s-${colour}${stroke === "solid" ? "" : ` ${stroke}`}`;

interface Place {
  x(value: number): number;
  y(value: number): number;
}

/** Band, line and marks of one series, in the coordinates of `place`. */
export function drawSeries(series: StyledSeries, place: Place): Markup {
  const points = series.points.map((point) => ({ ...point, left: place.x(point.x), top: place.y(point.y) }));
  const runs = split(points, ({ left, top }) => Number.isFinite(left) && Number.isFinite(top));
  const banded = split(points, ({ left, low, high }) =>
    [left, place.y(low ?? Number.NaN), place.y(high ?? Number.NaN)].every(Number.isFinite),
  );
  return element(
    "g",
    { class: classOf(series) },
    ...banded.map((run) => band(run, place)),
    ...runs.map((run) => element("path", { class: "line", d: path(run.map(({ left, top }) => [left, top])) })),
    ...(series.marks
      ? runs.flat().map(({ left, top }) => element("circle", { class: "mark", cx: left, cy: top, r: 3 }))
      : // A lone point has no line, so it always has a mark.
        runs
          .filter((run) => run.length === 1)
          .map(([only]) => element("circle", { class: "mark", cx: only!.left, cy: only!.top, r: 3 }))),
  );
}

function band(run: readonly (Point & { left: number })[], place: Place): Markup {
  const upper = run.map(({ left, high }): [number, number] => [left, place.y(high!)]);
  const lower = run.map(({ left, low }): [number, number] => [left, place.y(low!)]).toReversed();
  if (run.length === 1) {
    return element("path", { class: "whisker", d: path([upper[0]!, lower[0]!]) });
  }
  return element("path", { class: "band", d: `${path([...upper, ...lower])}Z` });
}

/** Through every point, in order. */
function path(points: readonly (readonly [number, number])[]): string {
  return points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${Math.round(x * 100) / 100},${Math.round(y * 100) / 100}`).join("");
}

/** The stretches of `items` that all satisfy `good`. */
function split<T>(items: readonly T[], good: (item: T) => boolean): T[][] {
  const runs: T[][] = [];
  let open: T[] | undefined;
  for (const item of items) {
    if (!good(item)) open = undefined;
    else if (open === undefined) runs.push((open = [item]));
    else open.push(item);
  }
  return runs;
}

/** Names of the series in rows that fit `width`; tells how much height they took. */
export function legend(series: readonly StyledSeries[], width: number): { markup: Markup; height: number } {
  const sample = 26;
  let [left, row] = [0, 0];
  const entries = series.map((one) => {
    const needed = Math.min(width, sample + 6 + textWidth(one.label) + 16);
    if (left > 0 && left + needed > width) [left, row] = [0, row + 1];
    const [x, y] = [left, row * (fontSize + 8) + fontSize];
    left += needed;
    return element(
      "g",
      { class: classOf(one) },
      element("line", { class: "line", x1: x, x2: x + sample, y1: y - 4, y2: y - 4 }),
      one.marks ? element("circle", { class: "mark", cx: x + sample / 2, cy: y - 4, r: 3 }) : undefined,
      label(one.label, { x: x + sample + 6, y, width: width - sample - 6, class: "key" }),
    );
  });
  return { markup: element("g", {}, ...entries), height: (row + 1) * (fontSize + 8) };
}
