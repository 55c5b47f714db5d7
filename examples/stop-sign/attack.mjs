// Attacks the sign classifier and the hardened one: `npm run build && node examples/stop-sign/attack.mjs`. Prints the table of the README and draws
// signs.svg; takes some minutes. `--signs 10` attacks so many stop signs of the test part, `--models signs` one model, `--quick` is a look in seconds
// that prints JSON.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openTarget } from "modelkeep/attack";
import { asPrinted, greyStickers, noiseFor, only, openCamera, slightly, stickersFor, stopSigns } from "./fool.mjs";
import { measure } from "./measure.mjs";
import { drawSheet } from "./sheet.mjs";

const { values: flags } = parseArgs({
  options: {
    signs: { type: "string", default: "20" },
    models: { type: "string", default: "signs,hardened" },
    quick: { type: "boolean", default: false },
  },
});
const { quick } = flags;
const say = (line) => process.stdout.write(`${line}\n`);
const percent = ({ mean, low, high }) => `${(100 * mean).toFixed(1)} % (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;
const signs = stopSigns(quick ? 4 : Number(flags.signs));

/** One model: what it makes of its stop signs, as they are and changed. */
async function attack(name) {
  const bytes = new Uint8Array(readFileSync(join(import.meta.dirname, `${name}.onnx`)));
  const samples = quick ? 5 : 8;
  const plain = await openTarget(bytes);
  const [slight, printed] = await Promise.all([openCamera(bytes, slightly, samples), openCamera(bytes, asPrinted, samples)]);
  const answers = await plain.decide({ x: signs.x, count: signs.count });
  const known = only(
    signs,
    Array.from(answers, (answer, row) => answer === signs.y[row]),
  );
  const noisy = await noiseFor(slight, known, quick ? { steps: 20 } : {});
  const effort = quick ? { steps: 20, places: 1 } : {};
  const stickers = await stickersFor(printed, known, effort);
  const changed = { "as they are": known.x, noise: noisy, sticker: stickers, "grey sticker": greyStickers(stickers, known) };
  if (!quick) changed["noise for one picture"] = await noiseFor(plain, known);
  if (!quick) changed["sticker in ink"] = await stickersFor(printed, known, { ink: true });
  const rows = [];
  for (const [what, x] of Object.entries(changed)) {
    const shares = await measure({ plain, slight, printed, views: quick ? 10 : 30 }, x, known.y);
    rows.push({ model: name, signs: what, clean: known.count / signs.count, ...shares });
  }
  if (!quick && name === "signs")
    writeFileSync(join(import.meta.dirname, "signs.svg"), await drawSheet(plain, { known, noisy, stickers }));
  await Promise.all([plain.close(), slight.close(), printed.close()]);
  return rows;
}

const rows = [];
if (!quick)
  say(
    "| model | stop signs | n | the picture itself | slight changes | printed and photographed | weather |\n|---|---|---|---|---|---|---|",
  );
for (const name of flags.models.split(",")) {
  for (const row of await attack(name)) {
    rows.push(row);
    const cells = [row.picture, row.slight, row.printed, row.weather].map(percent);
    if (!quick) say(`| ${row.model} | ${row.signs} | ${row.picture.n} | ${cells.join(" | ")} |`);
  }
}
if (quick) say(JSON.stringify(rows));
