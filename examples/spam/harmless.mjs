// Pictures as people send them, drawn by us: photographs of nothing in particular, logos, and screenshots of the mail's own text.
import sharp from "sharp";
import { imageSettings, mimeMail, paintText } from "modelkeep/attack";
import { createSeeded } from "modelkeep/math";

const names = [
  "Northwind",
  "Acme Labs",
  "Fourth Street Books",
  "Open Source Week",
  "Linux Users Group",
  "Harbour Radio",
  "The Daily Post",
];
const one = (rng, values) => values[rng.below(values.length)];

/** Soft colours that run into each other, some hard edges, and the grain of a camera. */
async function photograph(rng) {
  const [w, h] = [12 + rng.below(20), 9 + rng.below(12)];
  const patches = Uint8Array.from({ length: 3 * w * h }, () => 30 + rng.below(200));
  const [width, height] = [400 + rng.below(300), 300 + rng.below(200)];
  const soft = await sharp(patches, { raw: { width: w, height: h, channels: 3 } })
    .resize(width, height, { kernel: "cubic", fit: "fill" })
    .raw()
    .toBuffer();
  for (let k = 0; k < 6; k++) {
    const [left, top, wide, high] = [rng.below(width), rng.below(height), 20 + rng.below(150), 20 + rng.below(150)];
    const shade = [rng.below(90) - 45, rng.below(90) - 45, rng.below(90) - 45];
    for (let y = top; y < Math.min(top + high, height); y++)
      for (let x = left; x < Math.min(left + wide, width); x++)
        for (let c = 0; c < 3; c++) {
          const i = 3 * (y * width + x) + c;
          soft[i] = Math.min(Math.max(soft[i] + shade[c], 0), 255);
        }
  }
  for (let i = 0; i < soft.length; i++) soft[i] = Math.min(Math.max(soft[i] + rng.below(21) - 10, 0), 255);
  const bytes = await sharp(soft, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
  return { type: "image/jpeg", name: "photo.jpg", bytes: new Uint8Array(bytes) };
}

/** A name in colour beside a sign. */
async function logo(rng) {
  const ink = [rng.below(150), rng.below(150), rng.below(150)];
  const style = {
    ...imageSettings[0].style(rng),
    font: one(rng, ["sans", "serif", "bold"]),
    points: 20 + rng.below(12),
    colour: ink,
  };
  const [drawn] = await paintText(one(rng, names), style, rng);
  const sign = `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60"><circle cx="30" cy="30" r="26" fill="rgb(${ink})"/><rect x="20" y="22" width="22" height="9" fill="#fff"/></svg>`;
  const image = sharp(drawn).extend({ left: 70, top: 20, bottom: 20, background: "#ffffff" });
  const bytes = await image
    .composite([{ input: Buffer.from(sign), left: 4, top: 4 }])
    .png()
    .toBuffer();
  return { type: "image/png", name: "logo.png", bytes: new Uint8Array(bytes) };
}

/** The beginning of the mail itself, as it looks in some window. */
async function screenshot(rng, { subject, body }) {
  const words = `${subject} ${body}`.split(/\s+/).filter((word) => word !== "" && word.length <= 40);
  const style = { ...imageSettings[0].style(rng), font: one(rng, ["sans", "serif", "mono"]), points: 12 + rng.below(5) };
  const [bytes] = await paintText(words.slice(0, 30).join(" "), style, rng);
  return { type: "image/png", name: "screenshot.png", bytes };
}

/** What kind of picture the i-th mail gets: of ten mails five a photograph, three a logo, two a screenshot. */
export const kindOf = (i) => (i % 10 < 5 ? "photograph" : i % 10 < 8 ? "logo" : "screenshot");

/** The mail with a harmless picture, raw. */
export async function withPicture(mail, i) {
  const rng = createSeeded(11, i);
  const picture = await { photograph, logo, screenshot }[kindOf(i)](rng, mail.seen);
  const { subject, text, html } = mail;
  return mimeMail({
    subject,
    text,
    html,
    pictures: [{ id: `picture.${i}`, ...picture }],
    boundary: `b${rng.uint32().toString(16)}`,
  });
}
