// Trains the sign classifier, the same bytes each time: `npm run build && node examples/stop-sign/train.mjs [OUT]`. Writes signs.onnx with its record.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfData } from "modelkeep/data";
import { writeModel } from "modelkeep/onnx";
import { evaluate, train, trainToEnd } from "modelkeep/train";
import { signData, sizes } from "./data.mjs";
import { newClassifier } from "./net.mjs";

const out = process.argv[2] ?? join(import.meta.dirname, "signs.onnx");
const seed = 1;
const data = { train: signData("train"), validation: signData("validation"), test: signData("test") };
const recipe = {
  epochs: 12,
  batch: 64,
  optimizer: "adamw",
  lr: 3e-3,
  schedule: "one-cycle",
  weightDecay: 0.02,
  labelSmoothing: 0.02,
  seed,
  threads: 1,
};
const { model, history } = await trainToEnd(
  train({ model: newClassifier(seed), data: data.train, validation: data.validation, ...recipe }),
  ({ kind, record }) =>
    kind === "epoch" && process.stdout.write(`${record.epoch} ${record.loss.toFixed(4)} ${JSON.stringify(record.validation)}\n`),
);
const { figures, perClass } = await evaluate({ model, data: data.test });
const record = {
  data: {
    source: "rendered by examples/stop-sign/render.mjs",
    train: await digestOfData(data.train),
    test: await digestOfData(data.test),
  },
  each: sizes,
  recipe,
  epochs: history.length,
  test: { ...figures, perClass },
  script: "examples/stop-sign/train.mjs",
};
process.stdout.write(`${JSON.stringify(record, undefined, 1)}\n`);
writeFileSync(
  out,
  writeModel({ ...model, metadata: new Map([...model.metadata, ["modelkeep.example", JSON.stringify(record)]]) }),
);
