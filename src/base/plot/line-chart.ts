import { axes, label, picture, textWidth } from "./frame.ts";
import type { Box } from "./frame.ts";
import { element } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { createScale } from "./scale.ts";
import type { Axis, Scale } from "./scale.ts";
import { drawSeries, legend, styled } from "./series.ts";
import type { Series } from "./series.ts";
import { formatNumber } from "./ticks.ts";

/** A level that curves are read against: chance, a threshold, a budget. */
export interface Rule {
  readonly label: string;
  /** One of the two. */
  readonly x?: number;
  readonly y?: number;
}

export interface LineChart {
  readonly title: string;
  readonly width?: number;
  readonly height?: number;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly rules?: readonly Rule[];
}

/**
 * Curves with bands as one SVG element, the same bytes for the same input. Its colours come from {@link plotStyle}.
 *
 * @example
 * lineChart({
 *   title: "robust accuracy by ε",
 *   x: { label: "ε" },
 *   y: { min: 0, max: 1, format: "percent" },
 *   series: [{ label: "PGD", points: [{ x: 0, y: 0.99, low: 0.97, high: 1 }, { x: 0.1, y: 0.4, low: 0.34, high: 0.46 }] }],
 *   rules: [{ label: "chance", y: 0.1 }],
 * });
 */
export function lineChart(chart: LineChart): string {
  const { title, width = 640, height = 360 } = chart;
  return picture({ title, width, height }, drawLineChart(chart, { width, height }));
}

export interface Size {
  readonly width: number;
  readonly height: number;
  /** False where the names of the series stand elsewhere. */
  readonly named?: boolean;
}

/** The chart without its outermost element, for several in one picture. */
export function drawLineChart(chart: LineChart, { width, height, named = chart.series.length > 1 }: Size): Markup {
  const series = styled(chart.series);
  const names = legend(series, width - 8);
  const top = (named ? names.height + 8 : 4) + (chart.y.label === undefined ? 4 : 24);
  const plotHeight = Math.max(40, height - top - (chart.x.label === undefined ? 26 : 44));
  const points = series.flatMap((one) => one.points);
  const rules = chart.rules ?? [];
  const y = createScale(
    chart.y,
    [
      ...points.flatMap((point) => [point.y, point.low ?? point.y, point.high ?? point.y]),
      ...rules.flatMap((rule) => rule.y ?? []),
    ],
    { length: plotHeight, ticks: Math.max(3, Math.round(plotHeight / 45)) },
  );
  const left = Math.max(...y.ticks.map((tick) => textWidth(formatNumber(tick, chart.y.format)))) + 12;
  const across = [...points.map((point) => point.x), ...rules.flatMap((rule) => rule.x ?? [])];
  const { x, boxWidth } = columns(chart.x, across, width - left);
  const box: Box = { left, top, width: boxWidth, height: plotHeight };
  return element(
    "g",
    {},
    named ? names.markup : undefined,
    axes(box, { axis: chart.x, scale: x }, { axis: chart.y, scale: y }),
    inside(box, [
      ...rules.map((rule) => drawRule(rule, box, { x, y })),
      ...series.map((one) => drawSeries(one, placeIn(box, x, y))),
      ...rules.map((rule) => nameRule(rule, box, { x, y })),
    ]),
  );
}

/** The horizontal scale. Half of the last tick's words stands to the right of the tick: the picture must not end before them. */
function columns(axis: Axis, values: readonly number[], room: number): { readonly x: Scale; readonly boxWidth: number } {
  const within = (margin: number) => {
    const boxWidth = Math.max(40, room - margin);
    return { boxWidth, x: createScale(axis, values, { length: boxWidth, ticks: Math.max(3, Math.round(boxWidth / 75)) }) };
  };
  const least = 14;
  const first = within(least);
  const last = first.x.ticks.at(-1);
  if (last === undefined) return first;
  const past = first.x.at(last) + textWidth(formatNumber(last, axis.format)) / 2 - first.boxWidth;
  return past <= least ? first : within(Math.ceil(past));
}

const placeIn = (box: Box, x: Scale, y: Scale) => ({
  x: (value: number) => x.at(value),
  y: (value: number) => box.height - y.at(value),
});

/** What is drawn outside an axis' ends is not shown: a nested element clips, and needs no id that two charts on a page could share. */
function inside(box: Box, children: readonly Markup[]): Markup {
  // Half a mark of room at every side, so that points on the frame are whole.
  const room = 4;
  return element(
    "svg",
    {
      x: box.left - room,
      y: box.top - room,
      width: box.width + 2 * room,
      height: box.height + 2 * room,
      viewBox: `${-room} ${-room} ${Math.round((box.width + 2 * room) * 100) / 100} ${Math.round((box.height + 2 * room) * 100) / 100}`,
    },
    ...children,
  );
}

function drawRule(rule: Rule, box: Box, { x, y }: { x: Scale; y: Scale }): Markup {
  const level = box.height - y.at(rule.y ?? Number.NaN);
  if (Number.isFinite(level)) return element("line", { class: "rule", x1: 0, x2: box.width, y1: level, y2: level });
  const at = x.at(rule.x ?? Number.NaN);
  return Number.isFinite(at) ? element("line", { class: "rule", x1: at, x2: at, y1: 0, y2: box.height }) : element("g", {});
}

/** Names stand over the curves, on a halo of paper. */
function nameRule(rule: Rule, box: Box, { x, y }: { x: Scale; y: Scale }): Markup {
  const level = box.height - y.at(rule.y ?? Number.NaN);
  if (Number.isFinite(level))
    return label(rule.label, { x: box.width - 2, y: level - 5, anchor: "end", class: "rule-name", width: box.width });
  const at = x.at(rule.x ?? Number.NaN);
  const late = at > box.width / 2;
  return Number.isFinite(at)
    ? label(rule.label, { x: at + (late ? -5 : 5), y: 22, anchor: late ? "end" : "start", class: "rule-name" })
    : element("g", {});
}
