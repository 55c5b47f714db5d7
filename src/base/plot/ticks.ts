/**
 * Where an axis is marked. Linear steps are 1, 2 or 5 times a power of ten (Heckbert, "Nice numbers for graph labels", Graphics Gems,
 * 1990); logarithmic ones are powers of ten, with 2 and 5 between them where few decades are shown.
 */

/** Nice values within `min` … `max`, about `wanted` of them, ascending. */
export function linearTicks(min: number, max: number, wanted = 6): number[] {
  if (!(max > min) || tooNear(min, max)) return [min];
  const step = niceStep((max - min) / Math.max(1, wanted - 1));
  const ticks: number[] = [];
  // Multiples of the step, not sums of it: 0.1 added thrice is not 0.3.
  for (let at = Math.ceil(min / step - 1e-9); at * step <= max + step * 1e-9; at++) ticks.push(tidy(at * step));
  return ticks.length === 0 ? [min] : ticks;
}

/** Powers of ten within `min` … `max` (both positive), with 2 and 5 when there are fewer than three of them. */
export function logTicks(min: number, max: number, wanted = 6): number[] {
  const [low, high] = [Math.floor(Math.log10(min)), Math.ceil(Math.log10(max))];
  const inside = (value: number): boolean => value >= min * (1 - 1e-9) && value <= max * (1 + 1e-9);
  const decades = range(low, high).map((power) => tidy(10 ** power));
  const powers = decades.filter(inside);
  if (powers.length >= 3) {
    const every = Math.ceil(powers.length / wanted);
    return powers.filter((_, at) => at % every === 0);
  }
  const finer = decades.flatMap((power) => [power, tidy(2 * power), tidy(5 * power)]).filter(inside);
  return finer.length > 0 ? finer : linearTicks(min, max, wanted);
}

/** The smallest and largest nice values around `min` … `max`: the ends of an axis that nobody fixed. */
export function niceRange(min: number, max: number, wanted = 6): [number, number] {
  if (tooNear(min, max)) return niceRange(min - (Math.abs(min) || 1) * 0.5, max + (Math.abs(max) || 1) * 0.5, wanted);
  const step = niceStep((max - min) / Math.max(1, wanted - 1));
  return [tidy(Math.floor(min / step + 1e-9) * step), tidy(Math.ceil(max / step - 1e-9) * step)];
}

/** Closer than twelve digits can tell apart: no ticks stand between. */
const tooNear = (min: number, max: number): boolean => max - min <= 1e-9 * Math.max(Math.abs(min), Math.abs(max));

/** 1, 2, 5 or 10 times a power of ten, next to `rough` by ratio. */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const fraction = rough / power;
  const nice = fraction < Math.SQRT2 ? 1 : fraction < Math.sqrt(10) ? 2 : fraction < Math.sqrt(50) ? 5 : 10;
  return nice * power;
}

/** Without the noise of the last bits, so that a label reads 0.3. */
const tidy = (value: number): number => Number(value.toPrecision(12));

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

export type NumberFormat = "number" | "percent";

/**
 * A tick as people write it: thousands as k, M, G; very small and very large as powers.
 * @example formatNumber(0.25, "percent"); // "25 %"
 */
export function formatNumber(value: number, format: NumberFormat = "number"): string {
  if (!Number.isFinite(value)) return "–";
  if (format === "percent") return `${tidy(Number((value * 100).toFixed(value * 100 < 1 ? 2 : 1)))} %`.replace("-", "−");
  const size = Math.abs(value);
  const scaled = (
    [
      [1e9, "G"],
      [1e6, "M"],
      [1e3, "k"],
    ] as const
  ).find(([scale]) => size >= scale);
  const written =
    size !== 0 && (size < 1e-4 || size >= 1e12)
      ? value.toExponential(1).replace(".0e", "e").replace("e+", "e")
      : scaled !== undefined && size >= 1e4
        ? `${Number((value / scaled[0]).toPrecision(4))} ${scaled[1]}`
        : String(Number(value.toPrecision(4)));
  return written.replaceAll("-", "−");
}
