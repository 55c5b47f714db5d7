import { defineLoss, perExample } from "./define.ts";

/** (z − y)², the mean over each example's numbers. */
export const mse = defineLoss({
  id: "mse",
  title: "numbers, by squared difference",
  labels: "values",
  write({ b, output, dims, labels }) {
    const difference = b.op("Sub", [output, labels]);
    return perExample(b, b.op("Mul", [difference, difference]), dims.length);
  },
});
