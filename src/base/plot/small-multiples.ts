import { label, picture } from "./frame.ts";
import { drawLineChart } from "./line-chart.ts";
import type { LineChart } from "./line-chart.ts";
import { element } from "./markup.ts";
import type { Axis } from "./scale.ts";
import { legend, styled } from "./series.ts";

export interface SmallMultiples {
  readonly title: string;
  readonly width?: number;
  /** How many stand beside each other; as many as are 240 units wide unless said otherwise. */
  readonly columns?: number;
  readonly panelHeight?: number;
  readonly charts: readonly Omit<LineChart, "width" | "height">[];
}

/**
 * Charts of one kind beside each other, each under its own title. Axes whose ends are open are drawn to one range, so that the eye can
 * compare.
 *
 * @example smallMultiples({ title: "curves by attack", columns: 2, charts: [loss, accuracy] });
 */
export function smallMultiples({ title, width = 640, panelHeight = 210, charts, ...rest }: SmallMultiples): string {
  const columns = Math.max(1, Math.min(charts.length, rest.columns ?? Math.max(1, Math.floor(width / 240))));
  const gap = 18;
  const panel = { width: (width - gap * (columns - 1)) / columns, height: panelHeight - 24 };
  const names = commonLegend(charts, width);
  const above = names === undefined ? 0 : names.height + 12;
  const shared = { x: sharedAxis(charts, "x"), y: sharedAxis(charts, "y") };
  const drawn = charts.map((chart, at) => {
    const [left, top] = [(at % columns) * (panel.width + gap), above + Math.floor(at / columns) * (panelHeight + gap)];
    return element(
      "g",
      { transform: `translate(${Math.round(left * 100) / 100} ${top})` },
      label(chart.title, { x: 0, y: 13, class: "panel-name", width: panel.width }),
      element(
        "g",
        { transform: "translate(0 24)" },
        drawLineChart(
          { ...chart, x: { ...shared.x, ...chart.x }, y: { ...shared.y, ...chart.y } },
          names === undefined ? panel : { ...panel, named: false },
        ),
      ),
    );
  });
  const rows = Math.max(1, Math.ceil(charts.length / columns));
  return picture({ title, width, height: above + rows * panelHeight + (rows - 1) * gap }, names?.markup, ...drawn);
}

/** One legend over all panels, when all show the same series. */
function commonLegend(charts: SmallMultiples["charts"], width: number): ReturnType<typeof legend> | undefined {
  const [first, ...others] = charts.map(({ series }) => styled(series));
  const key = (series: NonNullable<typeof first>): string =>
    JSON.stringify(series.map((one) => [one.label, one.colour, one.stroke]));
  if (first === undefined || first.length < 2 || others.some((other) => key(other) !== key(first))) return undefined;
  return legend(first, width);
}

function sharedAxis(charts: SmallMultiples["charts"], side: "x" | "y"): Axis {
  const log = charts.some((chart) => chart[side].scale === "log");
  const values = charts
    .flatMap((chart) => chart.series.flatMap(({ points }) => points))
    .flatMap((point) => (side === "x" ? [point.x] : [point.y, point.low ?? point.y, point.high ?? point.y]))
    .filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (values.length === 0) return {};
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  return min < max ? { min, max } : {};
}
