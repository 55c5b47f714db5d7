// The classifier: three convolutions that halve the picture, two full layers; 0.5 MB. Weights are drawn by seed when training begins.
import { GraphBuilder, tensorOf } from "modelkeep/onnx";
import { initialise } from "modelkeep/train";
import { size } from "./render.mjs";
import { classes } from "./signs.mjs";

export function newClassifier(seed) {
  const b = new GraphBuilder({ name: "road-signs" });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  const conv = (name, x, [from, to], kernel) =>
    b.op("Relu", [
      b.op("Conv", [x, weight(`${name}.weight`, [to, from, kernel, kernel]), weight(`${name}.bias`, [to])], {
        kernel_shape: [kernel, kernel],
        strides: [2, 2],
        pads: Array(4).fill((kernel - 1) / 2),
      }),
    ]);
  const linear = (name, x, from, to) =>
    b.op("Add", [b.op("MatMul", [x, weight(`${name}.weight`, [from, to])]), weight(`${name}.bias`, [to])]);
  const input = b.input("input", "float32", ["N", 3, size, size]);
  // Pictures hold 0 to 1; initial weights expect numbers about 0.
  let x = b.op("Mul", [b.op("Sub", [input, b.scalar("float32", 0.45)]), b.scalar("float32", 3)]);
  x = conv("c1", x, [3, 24], 5);
  x = conv("c2", x, [24, 40], 3);
  x = conv("c3", x, [40, 56], 3);
  const seen = 56 * Math.ceil(size / 8) ** 2;
  const hidden = b.op("Relu", [linear("f1", b.op("Flatten", [x], { axis: 1 }), seen, 64)]);
  b.call({ op: "Identity", inputs: [linear("f2", hidden, 64, classes.length)], outputs: ["logits"] });
  b.output("logits", "float32", ["N", classes.length]);
  return initialise(b.model(), { seed });
}
