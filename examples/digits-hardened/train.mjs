// Trains the hardened digit classifier: `npm run build && node examples/digits-hardened/train.mjs`. Writes digits-hardened.onnx with its record.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfData, openData } from "modelkeep/data";
import { harden, hardenings } from "modelkeep/defend";
import { GraphBuilder, tensorOf, writeModel } from "modelkeep/onnx";
import { initialise, trainToEnd } from "modelkeep/train";

const say = (text) => process.stdout.write(`${text}\n`);

/** Two convolutions that halve the picture, two full layers. */
function architecture() {
  const b = new GraphBuilder({ name: "digits" });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  const conv = (name, x, [inputs, outputs]) =>
    b.op("Relu", [
      b.op("Conv", [x, weight(`${name}.weight`, [outputs, inputs, 4, 4]), weight(`${name}.bias`, [outputs])], {
        kernel_shape: [4, 4],
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      }),
    ]);
  const linear = (name, x, [inputs, outputs]) =>
    b.op("Gemm", [x, weight(`${name}.weight`, [inputs, outputs]), weight(`${name}.bias`, [outputs])]);
  const x = b.input("input", "float32", ["N", 1, 28, 28]);
  const flat = b.op("Flatten", [conv("conv2", conv("conv1", x, [1, 24]), [24, 48])], { axis: 1 });
  const scores = linear("fc2", b.op("Relu", [linear("fc1", flat, [48 * 49, 100])]), [100, 10]);
  b.output(scores, "float32", ["N", 10]);
  return initialise(b.model(), { seed: 1 });
}

const data = await openData("mnist", { part: "train" });
// Hardened a little beyond 0.3, which is what it must bear.
const threat = { norm: "linf", epsilon: 0.31, low: 0, high: 1 };
const params = { steps: 7 };
const recipe = { epochs: 12, lr: 2e-3, schedule: "cosine", warmup: 200, ramp: 0.25 };
/** The learning rate falls as if for twelve epochs; after eight it is good enough. */
const kept = 8;

const enough = new AbortController();
const training = harden({
  model: architecture(),
  data,
  method: hardenings.get("pgd"),
  params,
  threat,
  ...recipe,
  signal: enough.signal,
});
const { model } = await trainToEnd(training, (event) => {
  if (event.kind !== "epoch") return;
  say(`epoch ${event.record.epoch + 1}  loss under attack ${event.record.loss.toFixed(4)}`);
  if (event.record.epoch + 1 === kept) enough.abort();
});
const record = {
  version: 1,
  data: { name: data.name, n: data.size, digest: await digestOfData(data) },
  hardening: { method: "pgd", params, threat, recipe, kept },
};
const metadata = new Map([["modelkeep.training", JSON.stringify(record)]]);
writeFileSync(join(import.meta.dirname, "digits-hardened.onnx"), writeModel({ ...model, metadata }));
