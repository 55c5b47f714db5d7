import { linearTicks, logTicks, niceRange } from "./ticks.ts";
import type { NumberFormat } from "./ticks.ts";

/** One axis, as a caller describes it. Ends that are not given are taken from the data and widened to nice values. */
export interface Axis {
  readonly label?: string;
  readonly scale?: "linear" | "log";
  readonly min?: number;
  readonly max?: number;
  readonly format?: NumberFormat;
}

/** Values to a length, and the values that are marked on it. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Where a value stands, 0 … `length`; NaN for what the axis cannot show (zero on a logarithmic one). */
  at(value: number): number;
}

/** The scale of an axis over the values it has to show. */
export function createScale(axis: Axis, values: readonly number[], { length, ticks }: { length: number; ticks: number }): Scale {
  const log = axis.scale === "log";
  const shown = values.map(plain).filter((value) => Number.isFinite(value) && (!log || value > 0));
  const [least, most] = shown.length === 0 ? (log ? [0.1, 1] : [0, 1]) : [minimum(shown), maximum(shown)];
  if (log) return logScale(ends(axis.min ?? least, axis.max ?? most), length, ticks);
  const [low, high] = niceRange(axis.min ?? least, axis.max ?? most, ticks);
  return linearScale([axis.min ?? low, axis.max ?? high], length, ticks);
}

function linearScale([min, max]: [number, number], length: number, ticks: number): Scale {
  const span = max - min || 1;
  return { ticks: linearTicks(min, max, ticks), at: (value) => ((plain(value) - min) / span) * length };
}

function logScale([min, max]: [number, number], length: number, ticks: number): Scale {
  const [low, span] = [Math.log(min), Math.log(max) - Math.log(min)];
  return {
    ticks: logTicks(min, max, ticks),
    at: (value) => (value > 0 ? ((Math.log(value) - low) / span) * length : Number.NaN),
  };
}

/** What arithmetic on an axis can bear: nothing measured is larger than 1e150 or, other than 0, smaller than 1e-150. */
function plain(value: number): number {
  const size = Math.abs(value);
  return size > 1e150 ? Number.NaN : size < 1e-150 ? 0 : value;
}

/** Two different positive ends. */
function ends(min: number, max: number): [number, number] {
  const low = min > 0 ? min : max > 0 ? max / 10 : 0.1;
  return max > low ? [low, max] : [low / 2, low * 2];
}

// Math.min(...values) overflows the stack on long curves.
const minimum = (values: readonly number[]): number => values.reduce((least, value) => Math.min(least, value), Infinity);
const maximum = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), -Infinity);
