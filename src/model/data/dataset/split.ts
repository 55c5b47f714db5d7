/** Parts of a dataset: the first so many, or fractions by lot. */

import { quote } from "../../../base/error/index.ts";
import { createSeeded, shuffle } from "../../../base/math/index.ts";
import { badOption } from "../refuse.ts";
import { rowsByClass } from "./classes.ts";
import type { Dataset, IndexedDataset } from "./dataset.ts";
import { isIndexed } from "./dataset.ts";
import { countUp } from "./indexed.ts";
import type { StreamDataset } from "./stream.ts";
import { checkLimit } from "./stream.ts";

/**
 * The first `rows` examples in the order of the data; all of them when there are fewer.
 * @throws data/bad-option
 */
export function limit<Kind extends IndexedDataset | StreamDataset>(dataset: Kind, rows: number): Kind;
export function limit(dataset: IndexedDataset | StreamDataset, rows: number): Dataset {
  checkLimit(rows);
  if (!isIndexed(dataset)) return dataset.limited(rows);
  return rows >= dataset.size ? dataset : dataset.select(countUp(rows));
}

export interface SplitOptions<Part extends string> {
  /** Name and fraction of each part; together 1. */
  readonly parts: Readonly<Record<Part, number>>;
  readonly seed: number;
  /** Gives each part every class in the same share, to within one example. */
  readonly stratify?: boolean;
}

/**
 * Every example in exactly one part, by lot. The order of the data stays within each part.
 *
 * @throws data/bad-option when fractions do not add up, a part would be empty, or a class has fewer examples than there are parts
 * @example
 * const { train, validation } = split(data, { parts: { train: 0.9, validation: 0.1 }, seed: 1, stratify: true });
 */
export function split<Part extends string>(dataset: IndexedDataset, options: SplitOptions<Part>): Record<Part, IndexedDataset> {
  const { seed, stratify = false } = options;
  const parts = Object.entries<number>(options.parts) as [Part, number][];
  const total = parts.reduce((sum, [, fraction]) => sum + fraction, 0);
  if (!parts.every(([, fraction]) => fraction > 0) || Math.abs(total - 1) > 1e-9) {
    throw badOption(
      `a split into ${parts.map(([, fraction]) => fraction).join(" + ")}`,
      "fractions are positive and add up to 1",
    );
  }
  const groups = stratify ? classGroups(dataset, parts.length) : [countUp(dataset.size)];
  const rows = parts.map((): number[] => []);
  let before = 0;
  groups.forEach((group, number) => {
    const order = shuffle(group.slice(), createSeeded(seed, number));
    let share = 0;
    let from = 0;
    parts.forEach(([, fraction], i) => {
      share = i === parts.length - 1 ? 1 : share + fraction;
      // Counted from the beginning of all groups, so that rounding never adds up over many classes.
      const to = Math.round(share * (before + order.length)) - Math.round(share * before);
      for (const row of order.subarray(from, to)) rows[i]!.push(row);
      from = Math.max(from, to);
    });
    before += order.length;
  });
  return Object.fromEntries(
    parts.map(([name], i) => {
      if (rows[i]!.length === 0)
        throw badOption(`a part ${quote(name)} of no examples`, "give it a larger fraction, or bring more data");
      return [name, dataset.select(Uint32Array.from(rows[i]!).sort())];
    }),
  ) as Record<Part, IndexedDataset>;
}

function classGroups(dataset: IndexedDataset, parts: number): Uint32Array[] {
  const classes = rowsByClass(dataset);
  for (const [name, rows] of classes) {
    if (rows.length < parts) {
      const hint =
        "a class seen in one part only cannot be learnt or tested: leave it out, merge it, or split without `stratify`";
      throw badOption(`class ${quote(name)} of ${rows.length} examples in ${parts} parts`, hint);
    }
  }
  return [...classes.values()];
}
