/** Small tables that come with this package, as scikit-learn has them; each file names its origin and licence (CC BY 4.0). */

import { readFile } from "node:fs/promises";
import { fromBase64 } from "../../../base/crypto/index.ts";
import { labelColumn, scaledColumn, tensorColumn } from "../dataset/column.ts";
import { countUp, createDataset } from "../dataset/indexed.ts";
import type { NamedSet, Split } from "./named.node.ts";

interface SmallTable {
  readonly notice: string;
  readonly columns: readonly string[];
  readonly classes: readonly string[];
  /** Values of one byte, or little-endian float32. */
  readonly bytes?: string;
  readonly floats?: string;
  readonly labels: string;
}

/** These sets have no official parts, so every fifth example is for testing. */
const isTest = (row: number): boolean => row % 5 === 4;

function smallTable(name: string, title: string, dims?: readonly number[]): NamedSet {
  return {
    name,
    title,
    async open(part: Split) {
      const url = new URL(`./tables/${name}.json`, import.meta.url);
      const { columns, classes, bytes, floats, labels } = JSON.parse(await readFile(url, "utf8")) as SmallTable;
      const label = fromBase64(labels);
      const size = [label.length, columns.length];
      const x =
        bytes === undefined
          ? tensorColumn("x", { type: "float32", dims: size, data: fromBase64(floats!) }, { columns })
          : scaledColumn("x", { type: "uint8", dims: size, data: fromBase64(bytes) }, { scale: 16, dims: dims! });
      const y = labelColumn("y", { type: "uint8", dims: [label.length], data: label }, classes);
      const rows = countUp(label.length).filter((row) => isTest(row) === (part === "test"));
      const all = createDataset(`${name}/${part}`, [x, y], "y");
      return all.select(rows);
    },
  };
}

export const smallTables: readonly NamedSet[] = [
  smallTable("digits", "handwritten digits, 1,438 to train and 359 to test, 8 × 8", [1, 8, 8]),
  smallTable("iris", "three kinds of iris by four measures, 150 flowers"),
  smallTable("wine", "three kinds of wine by 13 measures, 178 wines"),
  smallTable("breast-cancer", "malignant or benign by 30 measures of cells, 569 patients"),
];
