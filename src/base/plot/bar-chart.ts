import { fontSize, label, picture, textWidth } from "./frame.ts";
import { element } from "./markup.ts";
import type { Markup } from "./markup.ts";
import { createScale } from "./scale.ts";
import type { Axis, Scale } from "./scale.ts";
import { formatNumber } from "./ticks.ts";

export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The ends of its interval, drawn as a whisker. */
  readonly low?: number;
  readonly high?: number;
  /** 1 … 8 of the palette, or quiet; 1 unless said otherwise. */
  readonly colour?: number | "quiet";
}

export interface BarChart {
  readonly title: string;
  readonly width?: number;
  /** The axis of the values; it begins at 0 unless said otherwise. */
  readonly axis?: Axis;
  readonly bars: readonly Bar[];
}

const row = 26;

/**
 * Horizontal bars, each with its name before it and its value after it: readable on a telephone, however long the names.
 *
 * @example barChart({ title: "queries", bars: [{ label: "square", value: 1200 }, { label: "hop-skip-jump", value: 4100 }] });
 */
export function barChart(chart: BarChart): string {
  const { title, width = 640, bars } = chart;
  const axis: Axis = { min: 0, ...chart.axis };
  const names = Math.min(width * 0.4, Math.max(0, ...bars.map((bar) => textWidth(bar.label)))) + 8;
  const values = Math.max(0, ...bars.map((bar) => textWidth(formatNumber(bar.value, axis.format)))) + 10;
  const length = Math.max(40, width - names - values);
  const scale = createScale(
    axis,
    bars.flatMap((bar) => [bar.value, bar.low ?? bar.value, bar.high ?? bar.value]),
    { length, ticks: 5 },
  );
  const rows = bars.map((bar, at) => drawBar(bar, { axis, scale, left: names, top: at * row, length }));
  const name =
    axis.label === undefined ? undefined : label(axis.label, { x: names, y: bars.length * row + fontSize + 2, class: "name" });
  const height = Math.max(row, bars.length * row + (name === undefined ? 0 : fontSize + 8));
  return picture({ title, width, height }, ...rows, name);
}

function drawBar(
  bar: Bar,
  { axis, scale, left, top, length }: { axis: Axis; scale: Scale; left: number; top: number; length: number },
): Markup {
  const middle = top + row / 2;
  const within = (value: number): number => left + Math.min(length, Math.max(0, scale.at(value) || 0));
  const [from, to] = [within(Math.min(0, bar.value)), within(Math.max(0, bar.value))];
  const [start, end] = Number.isFinite(bar.value) ? [from, to] : [left, left];
  const whisker =
    bar.low === undefined || bar.high === undefined
      ? undefined
      : element("line", { class: "whisker", x1: within(bar.low), x2: within(bar.high), y1: middle, y2: middle });
  const past = Math.max(end, bar.high === undefined ? end : within(bar.high));
  return element(
    "g",
    { class: `s-${bar.colour ?? 1}` },
    label(bar.label, { x: left - 8, y: middle + 4, anchor: "end", class: "key", width: left - 8 }),
    element("rect", { class: "bar", x: start, y: top + 5, width: Math.max(0, end - start), height: row - 10, rx: 2 }),
    whisker,
    label(formatNumber(bar.value, axis.format), { x: past + 6, y: middle + 4, class: "value" }),
  );
}
