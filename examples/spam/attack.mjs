// How the filter is fooled, and what reading mails as a person sees them stops: `node examples/spam/attack.mjs [--images N] [--readings folder]
// [--tesseract]` (after `npm run build`). Prints tables. Reading the pictures of all 286 spam mails takes half an hour of one core; N takes fewer.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { imageSettings, imageText, mailAttacks, paintText } from "modelkeep/attack";
import { htmlToText } from "modelkeep/data";
import { linksOf, mailVector, mailVectorSize, marksOf, visibleMail, visibleText } from "modelkeep/defend";
import { createSeeded, wilson } from "modelkeep/math";
import * as ort from "onnxruntime-node";
import sharp from "sharp";
import { partOf, readMails, withoutCopies } from "./corpus.mjs";
import { kindOf, withPicture } from "./harmless.mjs";
import { openReadings } from "./readings.mjs";

const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "286" },
    readings: { type: "string", default: join(tmpdir(), "modelkeep-readings") },
    tesseract: { type: "boolean", default: false },
  },
});
const count = Number(options.images);
const say = (line) => process.stdout.write(`${line}\n`);
const wordsOf = (text) => text.toLowerCase().match(/[a-z0-9$.!-]*[a-z0-9]/g) ?? [];

const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(join(import.meta.dirname, "filter.onnx"))));
async function calledSpam(views) {
  const x = new Float32Array(views.length * mailVectorSize);
  views.forEach((view, i) => x.set(mailVector(view), i * mailVectorSize));
  const { logits } = await session.run({ x: new ort.Tensor("float32", x, [views.length, mailVectorSize]) });
  return views.map((_, i) => logits.data[2 * i + 1] > logits.data[2 * i]);
}
const share = (calls) => {
  const yes = calls.filter(Boolean).length;
  const { low, high } = wilson(yes, calls.length);
  return `${((100 * yes) / calls.length).toFixed(1)} % (${yes}/${calls.length}; ${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
};

/** The filter without a defence reads what the parser gives it: plain text, else HTML without its tags. */
const bare = ({ subject, text, html }) => {
  if (html === undefined) return { subject, body: text, links: linksOf(text) };
  const body = htmlToText(html);
  return { subject, body, links: linksOf(`${html} ${body}`), marks: marksOf(html) };
};
const held = withoutCopies(await readMails())
  .filter((mail) => partOf(mail) === "test")
  .map((mail) => ({ ...mail, seen: visibleMail(mail) }));
const [spam, ham] = [held.filter((mail) => mail.spam), held.filter((mail) => !mail.spam)];

say("| mails | called spam, no defence | called spam, normalised |\n|---|---|---|");
const row = async (name, mails) =>
  say(`| ${name} | ${share(await calledSpam(mails.map(bare)))} | ${share(await calledSpam(mails.map(visibleMail)))} |`);
await row("ham", ham);
await row("spam", spam);
const caughtBefore = await calledSpam(spam.map(({ seen }) => seen));
for (const attack of mailAttacks) {
  const change = ({ subject, text, html }, i) => attack.change({ subject, text, html }, createSeeded(7, i));
  await row(`spam, ${attack.id}`, spam.map(change));
}

const goodWords = mailAttacks.find(({ id }) => id === "good-words");
// Spam in pictures, and ham with harmless ones, in an order of their own so that any N is a fair sample.
const shuffled = (mails, step) =>
  mails.map((mail, i) => ({ mail, i, place: (i * step) % mails.length })).sort((a, b) => a.place - b.place);
const readings = await openReadings(options.readings);
const moved = [];
const harmless = [];
const [spamOrder, hamOrder] = [shuffled(spam, 197), shuffled(ham, 317)];
for (let j = 0; j < Math.min(count, spam.length); j++) {
  const { mail, i } = spamOrder[j];
  const setting = imageSettings[j % imageSettings.length];
  const message = { subject: mail.seen.subject, text: mail.seen.body, html: undefined };
  const sent = await imageText(message, { setting, paint: paintText, rng: createSeeded(5, i) });
  const padded = visibleMail(goodWords.change(sent.cover, createSeeded(7, i)));
  moved.push({ ...sent, padded, setting: setting.id, before: caughtBefore[i], seen: await readings.read(sent.raw) });
  for (const one of hamOrder.slice(2 * j, 2 * j + 2)) {
    harmless.push({ kind: kindOf(one.i), seen: await readings.read(await withPicture(one.mail, one.i)) });
  }
}
await readings.close();

const without = await calledSpam(moved.map(({ cover }) => bare(cover)));
const withIt = await calledSpam(moved.map(({ seen }) => seen));
const perfect = await calledSpam(
  moved.map(({ cover, message }) => {
    const [seen, text] = [visibleMail(cover), visibleText(message)];
    return { ...seen, body: `${seen.body}\n${text}`, pictures: [{ text }] };
  }),
);
// The adaptive attack: what the picture says among ordinary sentences in plain sight.
const padded = await calledSpam(
  moved.map(({ padded, seen }) => ({ ...seen, body: [padded.body, ...seen.pictures.map(({ text }) => text)].join("\n") })),
);
const recall = ({ message, seen }) => {
  const [want, got] = [wordsOf(visibleText(message)), wordsOf(seen.body)];
  return { found: want.filter((word) => got.includes(word)).length, of: want.length };
};
const sumOf = (all) => all.reduce((a, b) => ({ found: a.found + b.found, of: a.of + b.of }), { found: 0, of: 0 });
const percent = ({ found, of }) => `${((100 * found) / of).toFixed(1)} %`;

/** Words of the message that Debian's tesseract reads in the picture as a person sees it: strips put together. */
async function tesseract({ message, images }) {
  const parts = await Promise.all(images.map((png) => sharp(png).metadata()));
  const height = parts.reduce((sum, part) => sum + part.height, 0);
  const tops = parts.map((_, i) => parts.slice(0, i).reduce((sum, part) => sum + part.height, 0));
  const page = sharp({ create: { width: parts[0].width, height, channels: 3, background: "#ffffff" } });
  const png = await page
    .composite(images.map((input, i) => ({ input: Buffer.from(input), left: 0, top: tops[i] })))
    .png()
    .toBuffer();
  const { stdout } = spawnSync("tesseract", ["stdin", "stdout", "--psm", "6", "--dpi", "96"], {
    input: png,
    encoding: "utf8",
    env: { ...process.env, OMP_THREAD_LIMIT: "1" },
  });
  const [want, got] = [wordsOf(message), wordsOf(stdout)];
  return { found: want.filter((word) => got.includes(word)).length, of: want.length };
}

say(
  "\n| spam in a picture | called spam, no defence | called spam, pictures read | of those caught before | words read by us | by tesseract |\n|---|---|---|---|---|---|",
);
for (const id of [...imageSettings.map((setting) => setting.id), "all"]) {
  const own = moved.map((one, k) => ({ ...one, k })).filter(({ setting }) => id === "all" || setting === id);
  if (own.length === 0) continue;
  const pick = (calls) => own.map(({ k }) => calls[k]);
  const before = own.filter((one) => one.before).map(({ k }) => withIt[k]);
  const foreign = options.tesseract
    ? percent(sumOf(await Promise.all(own.slice(0, id === "all" ? 4 * imageSettings.length : 4).map(tesseract))))
    : "–";
  say(
    `| ${id} | ${share(pick(without))} | ${share(pick(withIt))} | ${share(before)} | ${percent(sumOf(own.map(recall)))} | ${foreign} |`,
  );
}
say(`\nHad every word been read: ${share(perfect)} called spam. With ordinary sentences beside the picture: ${share(padded)}.`);
say("\n| ham with a harmless picture | called spam |\n|---|---|");
for (const kind of ["photograph", "logo", "screenshot", "all"]) {
  const own = harmless.filter((one) => kind === "all" || one.kind === kind);
  if (own.length > 0) say(`| ${kind} | ${share(await calledSpam(own.map(({ seen }) => seen)))} |`);
}
