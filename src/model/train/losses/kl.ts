import { defineLoss, perExample } from "./define.ts";

/** KL(y ‖ softmax(z)) for labels that are distributions over classes: a teacher's probabilities. 0·log 0 is 0. */
export const kl = defineLoss({
  id: "kl",
  title: "a distribution over classes, by logits",
  labels: "values",
  activation: "Softmax",
  write({ b, output, dims, labels }) {
    const logp = b.op("LogSoftmax", [output], { axis: 1 });
    const logy = b.op("Log", [b.op("Max", [labels, b.scalar("float32", 1e-30)])]);
    const terms = b.op("Mul", [labels, b.op("Sub", [logy, logp])]);
    const sum = b.op("ReduceSum", [terms, b.ints([1])], { keepdims: 0 });
    return perExample(b, sum, dims.length - 1);
  },
});
