// Renders the data anew and asks the committed models about the test part: `node examples/stop-sign/check.mjs` prints, for each file, whether its record
// is true of what came out. Half a minute of processor; training again takes minutes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOfData } from "modelkeep/data";
import { readModel } from "modelkeep/onnx";
import { evaluate } from "modelkeep/train";
import { signData } from "./data.mjs";

const [train, test] = [signData("train"), signData("test")];
const digests = { train: await digestOfData(train), test: await digestOfData(test) };
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

for (const name of ["signs", "hardened"]) {
  const model = readModel(new Uint8Array(readFileSync(join(import.meta.dirname, `${name}.onnx`))));
  const record = JSON.parse(model.metadata.get("modelkeep.example"));
  const recorded = (record.test.after ?? record.test).accuracy;
  const { accuracy } = (await evaluate({ model, data: test })).figures;
  const data = { train: same(record.data.train, digests.train), test: same(record.data.test, digests.test) };
  process.stdout.write(`${JSON.stringify({ name, data, accuracy, recorded })}\n`);
}
