/**
 * The style sheet of every picture: what a plot draws names classes only, so one page has one set of colours, light or dark, and a strict
 * Content-Security-Policy needs no exception. Hues are apart for the commonest kinds of colour blindness (after Okabe and Ito, 2008).
 */
const light = {
  ink: "#1c2127",
  quiet: "#5d6873",
  line: "#c9d0d7",
  paper: "#ffffff",
  hues: ["#0b62c4", "#c2410c", "#0a7f5a", "#8b3fb8", "#a16207", "#0e7490", "#be185d", "#4b5563"],
};
const dark = {
  ink: "#e8ebee",
  quiet: "#a0abb6",
  line: "#3a434c",
  paper: "#14181c",
  hues: ["#6cb0ff", "#ff9a5c", "#4ccf9f", "#d09bf5", "#e5b94a", "#5fd0e6", "#ff8ec2", "#b6c0ca"],
};

type Theme = typeof light;

const variables = ({ ink, quiet, line, paper, hues }: Theme): string =>
  [
    `--plot-ink:${ink}`,
    `--plot-quiet:${quiet}`,
    `--plot-line:${line}`,
    `--plot-paper:${paper}`,
    ...hues.map((hue, at) => `--plot-${at + 1}:${hue}`),
  ].join(";");

const seriesRules = [...light.hues.map((_, at) => String(at + 1)), "quiet"].map(
  (name) => `.plot .s-${name}{--s:var(--plot-${name})}`,
);

/** CSS for a page that holds plots. A page that offers a choice of theme sets `data-theme` on its root. */
export const plotStyle: string = [
  `:root{${variables(light)}}`,
  `@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${variables(dark)}}}`,
  `:root[data-theme=dark]{${variables(dark)}}`,
  `@media print{:root,:root:not([data-theme=light]){${variables(light)}}}`,
  ".plot{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;fill:var(--plot-ink);font-variant-numeric:tabular-nums}",
  ".plot .grid{stroke:var(--plot-line);stroke-width:1}",
  ".plot .axis{stroke:var(--plot-quiet);stroke-width:1}",
  ".plot .tick,.plot .name,.plot .rule-name{fill:var(--plot-quiet)}",
  ".plot .panel-name{font-weight:600}",
  ".plot .rule{stroke:var(--plot-quiet);stroke-width:1;stroke-dasharray:2 3}",
  ".plot .rule-name,.plot .value{paint-order:stroke;stroke:var(--plot-paper);stroke-width:3;stroke-linejoin:round}",
  ".plot .line{fill:none;stroke:var(--s);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
  ".plot .dashed .line{stroke-dasharray:7 4}",
  ".plot .dotted .line{stroke-dasharray:1 5}",
  ".plot .dash-dot .line{stroke-dasharray:8 4 1 4}",
  ".plot .band{fill:var(--s);opacity:.16;stroke:none}",
  ".plot .mark{fill:var(--plot-paper);stroke:var(--s);stroke-width:2}",
  ".plot .bar{fill:var(--s);opacity:.85}",
  ".plot .whisker{fill:none;stroke:var(--plot-ink);stroke-width:1.5;opacity:.7}",
  ".plot image{image-rendering:pixelated}",
  ...seriesRules,
  ".plot-narrow{display:none}",
  "@media screen and (max-width:560px){.plot-wide{display:none}.plot-narrow{display:block}}",
].join("\n");

/** An SVG file of its own: the picture with its style inside. */
export function standalone(svg: string): string {
  return svg.replace(/^(<svg\b[^>]*>)/, `$1<style>${plotStyle}</style>`);
}

/**
 * A chart drawn twice, for a wide place and for a telephone; the style sheet shows one. A picture that is only scaled down has words that
 * nobody can read.
 *
 * @example responsive((width) => lineChart({ ...chart, width, height: width < 500 ? 300 : 360 }))
 */
export function responsive(
  draw: (width: number) => string,
  { wide = 720, narrow = 340 }: { wide?: number; narrow?: number } = {},
): string {
  return `<div class="plot-wide">${draw(wide)}</div><div class="plot-narrow" aria-hidden="true">${draw(narrow)}</div>`;
}
