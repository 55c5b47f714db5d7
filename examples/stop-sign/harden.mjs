// Hardens the sign classifier against noise and stickers: `node examples/stop-sign/harden.mjs [OUT]` (after train.mjs). Writes hardened.onnx with its record.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { digestOfData } from "modelkeep/data";
import { harden, hardenings } from "modelkeep/defend";
import { readModel, writeModel } from "modelkeep/onnx";
import { evaluate, trainToEnd } from "modelkeep/train";
import { signData, sizes } from "./data.mjs";

const { values: flags, positionals } = parseArgs({ options: { keep: { type: "string" } }, allowPositionals: true });
const out = positionals[0] ?? join(import.meta.dirname, "hardened.onnx");
const plain = readModel(new Uint8Array(readFileSync(join(import.meta.dirname, "signs.onnx"))));
const data = signData("train");
const test = signData("test");
const threat = { norm: "linf", epsilon: 4 / 255, low: 0, high: 1 };
/** Noise everywhere, and squares of a sixth of the picture that are hidden: what a sticker covers must not be all that a sign is known by. */
const params = { content: "grey", area: 0.16, count: 2, share: 0.8, steps: 2 };
const recipe = { epochs: 4, batch: 64, optimizer: "adam", lr: 2e-3, schedule: "one-cycle", ramp: 0.15, seed: 1, threads: 1 };

/** The hardened model; with `--keep FILE` it is kept there, and taken from there the next time: for another record of the same training. */
async function learnt() {
  if (flags.keep !== undefined && existsSync(flags.keep)) return readModel(new Uint8Array(readFileSync(flags.keep)));
  const { model } = await trainToEnd(
    harden({ model: plain, data, method: hardenings.get("patch"), params, threat, ...recipe }),
    ({ kind, record }) => kind === "epoch" && process.stdout.write(`${record.epoch} ${record.loss.toFixed(4)}\n`),
  );
  if (flags.keep !== undefined) writeFileSync(flags.keep, writeModel(model));
  return model;
}

const model = await learnt();
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
