import { describe, expect, it } from "vitest";
import { createSeeded } from "../../../base/math/index.ts";
import { decodePicture, parseMail } from "../../../model/data/index.node.ts";
import { imageSettings, imageText } from "./image-text.ts";
import { paintText } from "./paint-text.node.ts";

const mail = { subject: "Won", text: `${"cheap watches ".repeat(40)}`, html: undefined };

describe("a message moved into a picture", () => {
  it.for(imageSettings)("is a mail that shows its pictures and says nothing of them: $id", async (setting) => {
    const make = () => imageText(mail, { setting, paint: paintText, rng: createSeeded(2), maxWords: 9 });
    const { raw, message, cover, images } = await make();
    expect(await make()).toEqual({ raw, message, cover, images });
    expect(message).toBe("Won cheap watches cheap watches cheap watches cheap watches");
    const { subject, body, html, parts } = await parseMail(raw);
    expect({ subject, body: body.trim() }).toEqual({ subject: cover.subject, body: cover.text });
    expect(html!.match(/cid:/g)!.length).toBe(images.length);
    expect(parts.map(({ bytes }) => bytes)).toEqual(images);
    expect(`${subject} ${body} ${html}`).not.toMatch(/watches/);
    for (const image of images) expect((await decodePicture("a", image)).width).toBeGreaterThan(300);
  });
});
