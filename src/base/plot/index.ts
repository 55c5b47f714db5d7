/**
 * Pictures as SVG text: no scripts, no fonts or files from elsewhere, strings from outside escaped, the same bytes for the same input.
 * Reports, learning curves and the console draw with it; {@link plotStyle} belongs on the page.
 */

export { barChart } from "./bar-chart.ts";
export type { Bar, BarChart } from "./bar-chart.ts";
export { lineChart } from "./line-chart.ts";
export type { LineChart, Rule } from "./line-chart.ts";
export type { Pixels } from "./png.ts";
export type { Axis } from "./scale.ts";
export type { Point, Series, Stroke } from "./series.ts";
export { smallMultiples } from "./small-multiples.ts";
export type { SmallMultiples } from "./small-multiples.ts";
export { plotStyle, responsive, standalone } from "./style.ts";
export { formatNumber } from "./ticks.ts";
export type { NumberFormat } from "./ticks.ts";
export { imageTile, shades, signedColours, signedKey } from "./tile.ts";
export type { Planes } from "./tile.ts";
