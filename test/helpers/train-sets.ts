/** Small data that models can learn in a second, and models to learn it. */
import { createSeeded } from "../../src/base/math/index.ts";
import { createDataset, tensorColumn } from "../../src/model/data/index.ts";
import type { IndexedDataset } from "../../src/model/data/index.ts";
import { GraphBuilder, tensorOf } from "../../src/model/onnx/index.ts";
import type { Model } from "../../src/model/onnx/index.ts";

/** Normal numbers by Box and Muller's polar form. */
export function normals(count: number, seed: number, scale = 1): Float32Array {
  const random = createSeeded(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - random.unit()));
    return scale * radius * Math.cos(2 * Math.PI * random.unit());
  });
}

/** Three clouds of points in the plane, one class each. */
export function clouds(rows: number, seed = 1): IndexedDataset {
  const noise = normals(rows * 2, seed, 0.5);
  const labels = Array.from({ length: rows }, (_, i) => i % 3);
  const x = Float32Array.from(noise, (value, i) => {
    const angle = (2 * Math.PI * labels[i >> 1]!) / 3;
    return value + 1.5 * (i % 2 === 0 ? Math.cos(angle) : Math.sin(angle));
  });
  return createDataset(
    "clouds",
    [
      tensorColumn("x", tensorOf("float32", [rows, 2], x) as never),
      tensorColumn("y", tensorOf("int64", [rows], labels) as never),
    ],
    "y",
  );
}

/** 2 → 8 → 3 with weights by seed. */
export function smallNet(seed = 1): Model {
  const b = new GraphBuilder({ name: "small" });
  const x = b.input("x", "float32", ["N", 2]);
  const w1 = b.initializer("fc1.weight", tensorOf("float32", [2, 8], normals(16, seed)));
  const b1 = b.initializer("fc1.bias", tensorOf("float32", [8], new Float32Array(8)));
  const w2 = b.initializer("fc2.weight", tensorOf("float32", [8, 3], normals(24, seed + 1, 0.5)));
  const b2 = b.initializer("fc2.bias", tensorOf("float32", [3], new Float32Array(3)));
  const hidden = b.op("Tanh", [b.op("Gemm", [x, w1, b1])]);
  b.call({ op: "Gemm", inputs: [hidden, w2, b2], outputs: ["logits"] });
  b.output("logits", "float32", ["N", 3]);
  return b.model();
}
