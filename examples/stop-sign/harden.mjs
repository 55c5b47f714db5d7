// Hardens the sign classifier against noise and stickers: `node examples/stop-sign/harden.mjs [OUT]` (after train.mjs). Writes hardened.onnx with its record.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfData } from "modelkeep/data";
import { harden, hardenings } from "modelkeep/defend";
import { readModel, writeModel } from "modelkeep/onnx";
import { evaluate, trainToEnd } from "modelkeep/train";
import { signData, sizes } from "./data.mjs";
import { noiseRadius } from "./fool.mjs";

const out = process.argv[2] ?? join(import.meta.dirname, "hardened.onnx");
const plain = readModel(new Uint8Array(readFileSync(join(import.meta.dirname, "signs.onnx"))));
const data = signData("train");
const test = signData("test");
const threat = { norm: "linf", epsilon: noiseRadius, low: 0, high: 1 };
const params = { area: 0.03, share: 0.75, steps: 5 };
const recipe = { epochs: 6, batch: 64, optimizer: "adam", lr: 2e-3, schedule: "one-cycle", seed: 1, threads: 1 };
const { model } = await trainToEnd(
  harden({ model: plain, data, method: hardenings.get("patch"), params, threat, ...recipe }),
  ({ kind, record }) => kind === "epoch" && process.stdout.write(`${record.epoch} ${record.loss.toFixed(4)}\n`),
);
const accuracy = async (which) => (await evaluate({ model: which, data: test })).figures;
const [before, after] = [await accuracy(plain), await accuracy(model)];
const record = {
  data: { source: "rendered by examples/stop-sign/render.mjs", train: await digestOfData(data), test: await digestOfData(test) },
  each: sizes,
  hardening: { method: "patch", params, threat },
  recipe,
  test: { before, after },
  script: "examples/stop-sign/harden.mjs",
};
process.stdout.write(`${JSON.stringify(record, undefined, 1)}\n`);
writeFileSync(
  out,
  writeModel({ ...model, metadata: new Map([...model.metadata, ["modelkeep.example", JSON.stringify(record)]]) }),
);
