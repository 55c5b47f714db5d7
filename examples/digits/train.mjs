// Trains the digit classifier that comes with the package, the same bytes each time on the same kind of processor:
// `npm run build && node examples/digits/train.mjs [OUT]`. Its training record is in the file's metadata.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { GraphBuilder, tensorOf, writeModel } from "modelkeep/onnx";

const root = join(import.meta.dirname, "../..");
const out = resolve(process.argv[2] ?? join(root, "examples/models/digits.onnx"));

/** Two convolutions that halve the image, two dense layers; the weights are drawn by seed when training begins. */
function architecture() {
  const b = new GraphBuilder({ name: "digits", opsets: new Map([["", 17]]) });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  const layer = (name, dims) => [weight(`${name}.weight`, dims), weight(`${name}.bias`, [dims[0]])];
  const relu = (x) => b.op("Relu", [x]);
  const conv = (name, x, dims) =>
    b.op("Conv", [x, ...layer(name, dims)], { kernel_shape: [4, 4], strides: [2, 2], pads: [1, 1, 1, 1] });
  const input = b.input("input", "float32", ["N", 1, 28, 28]);
  const seen = relu(conv("c2", relu(conv("c1", input, [16, 1, 4, 4])), [32, 16, 4, 4]));
  const flat = b.op("Flatten", [seen], { axis: 1 });
  const hidden = relu(b.op("Gemm", [flat, ...layer("f1", [100, 1568])], { transB: 1 }));
  b.call({ op: "Gemm", inputs: [hidden, ...layer("f2", [10, 100])], attributes: { transB: 1 }, outputs: ["logits"] });
  b.output("logits", "float32", ["N", 10]);
  return b.model();
}

/** A high rate first finds a wide valley; decay and smoothing keep 166,406 weights from learning 60,000 digits by heart. */
const recipe =
  "--epochs 10 --batch 64 --optimizer adamw --lr 3e-3 --schedule one-cycle --weight-decay 0.05 --label-smoothing 0.05 --seed 1";

const folder = mkdtempSync(join(tmpdir(), "digits-"));
const modelkeep = (...words) =>
  execFileSync(process.execPath, [join(root, "bin/modelkeep.js"), ...words], { cwd: folder, stdio: "inherit" });
try {
  writeFileSync(join(folder, "arch.onnx"), writeModel(architecture()));
  modelkeep("train", "arch.onnx", "--data", "mnist", "--from-scratch", ...recipe.split(" "), "--out", out);
  modelkeep("evaluate", out, "--data", "mnist", "--require", "accuracy >= 0.99");
} finally {
  rmSync(folder, { recursive: true });
}
