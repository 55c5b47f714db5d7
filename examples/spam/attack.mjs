// How the filter is fooled by text, and what normalising the mail stops: `node examples/spam/attack.mjs` (after `npm run build`). Prints a table.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mailAttacks } from "modelkeep/attack";
import { htmlToText } from "modelkeep/data";
import { mailVector, mailVectorSize, visibleMail } from "modelkeep/defend";
import * as ort from "onnxruntime-node";
import { partOf, readMails, withoutCopies } from "./corpus.mjs";
import { createSeeded } from "modelkeep/math";

const say = (...words) =>
  process.stdout.write(`${words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" ")}\n`);

const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(join(import.meta.dirname, "filter.onnx"))));
/** The filter without a defence reads what the parser gives it: plain text, else HTML without its tags. */
const bare = ({ subject, text, html }) => ({ subject, body: html === undefined ? text : htmlToText(html) });

async function spamShare(mails, view) {
  const x = new Float32Array(mails.length * mailVectorSize);
  mails.forEach((mail, i) => x.set(mailVector(view(mail)), i * mailVectorSize));
  const { logits } = await session.run({ x: new ort.Tensor("float32", x, [mails.length, mailVectorSize]) });
  let spam = 0;
  for (let i = 0; i < mails.length; i++) if (logits.data[2 * i + 1] > logits.data[2 * i]) spam++;
  return spam;
}
const held = withoutCopies(await readMails()).filter((mail) => partOf(mail) === "test");
const spam = held.filter((mail) => mail.spam);
const ham = held.filter((mail) => !mail.spam);
const row = async (name, mails) => {
  const [without, withIt] = [await spamShare(mails, bare), await spamShare(mails, visibleMail)];
  say(
    `| ${name} | ${mails.length} | ${((100 * without) / mails.length).toFixed(1)} % | ${((100 * withIt) / mails.length).toFixed(1)} % |`,
  );
};
say("| mails | n | called spam, no defence | called spam, normalised |\n|---|---|---|---|");
await row("ham", ham);
await row("spam", spam);
for (const attack of mailAttacks) {
  await row(
    `spam, ${attack.id}`,
    spam.map((mail, i) => attack.change({ subject: mail.subject, text: mail.text, html: mail.html }, createSeeded(7, i))),
  );
}
