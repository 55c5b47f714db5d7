import { cpus } from "node:os";

/** Smallest, middle and largest of the figures. */
export function spread(figures) {
  const sorted = figures.toSorted((a, b) => a - b);
  return { min: sorted[0], median: sorted[Math.floor((sorted.length - 1) / 2)], max: sorted.at(-1) };
}

export function round(value, digits = 3) {
  return Number.isFinite(value) ? Number(value.toPrecision(digits)) : value;
}

export function quantile(figures, q) {
  const sorted = Float64Array.from(figures).toSorted();
  return sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)];
}

/** Says what was measured on what, then the rows. */
export function print(title, rows) {
  const { model } = cpus()[0];
  console.log(
    `\n${title}\n${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores ${model.trim()}, Node ${process.versions.node}`,
  );
  console.table(rows);
}
