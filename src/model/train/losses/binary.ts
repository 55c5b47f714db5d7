import { defineLoss, perExample } from "./define.ts";

/** Cross entropy of yes and no, by logits: softplus(z) − z·y, which stays finite where log σ(z) would not. */
export const binary = defineLoss({
  id: "binary",
  title: "yes or no (or several of them), by logits",
  labels: "values",
  activation: "Sigmoid",
  write({ b, output, dims, labels, smoothing }) {
    const half = b.scalar("float32", smoothing / 2);
    const soft = smoothing === 0 ? labels : b.op("Add", [b.op("Mul", [labels, b.scalar("float32", 1 - smoothing)]), half]);
    // softplus(z) = max(z, 0) + log(1 + e^−|z|): ONNX Runtime's Softplus is this form.
    const loss = b.op("Sub", [b.op("Softplus", [output]), b.op("Mul", [output, soft])]);
    return perExample(b, loss, dims.length);
  },
});
