/** Before and after, without an attacker and with one, as a table. */
import { percent } from "../assessment/words.ts";

interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Shares of one side. */
export interface Shares {
  readonly n: number;
  readonly clean: number;
  readonly cleanInterval: Bounds;
  readonly robust: number;
  readonly robustInterval: Bounds;
}

export function costTable(before: Shares, after: Shares): string {
  const row = (what: string, of: (side: Shares) => readonly [number, Bounds]): string => {
    const cells = [before, after].map((side) => {
      const [share, { low, high }] = of(side);
      return `<td>${percent(share)} <small class="quiet">${percent(low)} to ${percent(high)}</small></td>`;
    });
    return `<tr><td>${what}</td>${cells.join("")}</tr>`;
  };
  const rows = [
    row("right without an attacker", ({ clean, cleanInterval }) => [clean, cleanInterval]),
    row("right under attack", ({ robust, robustInterval }) => [robust, robustInterval]),
  ];
  return `<div class="scroll"><table><tr><th></th><th>before</th><th>after</th></tr>${rows.join("")}</table></div>`;
}
