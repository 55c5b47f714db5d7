// Rendered pictures as data sets.
import { createDataset, labelColumn, tensorColumn } from "modelkeep/data";
import { renderSet, size } from "./render.mjs";
import { classes } from "./signs.mjs";

/** How many pictures of each class a part has. */
export const sizes = { train: 600, validation: 30, test: 100 };

export function signData(part, each = sizes[part]) {
  const { x, y, count } = renderSet({ part, each });
  return createDataset(
    `road-signs/${part}`,
    [
      tensorColumn("x", { type: "float32", dims: [count, 3, size, size], data: new Uint8Array(x.buffer) }),
      labelColumn("y", { type: "uint8", dims: [count], data: Uint8Array.from(y) }, classes),
    ],
    "y",
  );
}
