import { chosen, defineLoss, perExample, withoutClasses } from "./define.ts";

/** −log softmax(z)[label], of logits [batch, classes, …places]. Smoothing as PyTorch has it: Szegedy et al. 2016 (arXiv:1512.00567), section 7. */
export const crossEntropy = defineLoss({
  id: "cross-entropy",
  title: "one class of several, by logits",
  labels: "classes",
  activation: "Softmax",
  write({ b, output, dims, labels, smoothing }) {
    const logp = b.op("LogSoftmax", [output], { axis: 1 });
    const own = b.op("Neg", [withoutClasses(b, chosen(b, logp, labels))]);
    if (smoothing === 0) return perExample(b, own, dims.length - 1);
    const all = b.op("Neg", [b.op("ReduceMean", [logp, b.ints([1])], { keepdims: 0 })]);
    const mixed = b.op("Add", [
      b.op("Mul", [own, b.scalar("float32", 1 - smoothing)]),
      b.op("Mul", [all, b.scalar("float32", smoothing)]),
    ]);
    return perExample(b, mixed, dims.length - 1);
  },
});
