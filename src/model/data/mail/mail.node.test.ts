import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import type { IndexedDataset } from "../dataset/dataset.ts";
import { countUp } from "../dataset/indexed.ts";
import { openData } from "../open-data.node.ts";
import { htmlToText } from "./html-text.ts";
import { parseMail, splitMbox } from "./parse-mail.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const plain =
  "Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nSch=F6n\r\n";
const html = "Subject: Offer\nContent-Type: text/html\n\n<style>p{}</style><p>Buy&nbsp;<b>now</b></p><!-- no -->";
const mixed = [
  "Subject: Two\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
  "--b\nContent-Type: text/plain\n\nhello\n",
  "--b\nContent-Type: image/png; name=a.png\nContent-Transfer-Encoding: base64\n\nAAEC\n--b--\n",
].join("\n");

describe("a mail", () => {
  it("has its subject, its text and its other parts, whatever their encoding", async () => {
    expect(await parseMail(bytes(plain))).toMatchObject({ subject: "Grüße", body: "Schön\n", parts: [] });
    expect((await parseMail(bytes(html))).body).toBe("Buy now");
    const { body, parts } = await parseMail(bytes(mixed));
    expect(body.trim()).toBe("hello");
    expect(parts).toEqual([{ type: "image/png", name: "a.png", bytes: Uint8Array.of(0, 1, 2) }]);
  });

  it("answers any damage with a mail or a typed error", async () => {
    const whole = bytes(mixed);
    for (let seed = 0; seed < 200; seed++) {
      const dice = createSeeded(seed);
      const damaged = whole.slice(0, dice.below(5) === 0 ? dice.below(whole.length) : whole.length);
      for (let i = 0; i < 6 && damaged.length > 0; i++) damaged[dice.below(damaged.length)] = dice.below(256);
      const found = await parseMail(damaged).catch((error: unknown) => error);
      if (found instanceof Error) expect(isModelkeepError(found), String(found)).toBe(true);
      else expect(found).toHaveProperty("body");
    }
    await expect(parseMail(new Uint8Array(2 ** 25 + 1))).rejects.toMatchObject({ code: "data/too-large" });
  });
});

describe("the text of HTML", () => {
  it.for([
    ["a<br>b<p>c</p>", "a\nb\nc"],
    ["1 &lt; 2 &amp;&amp; &#51; &gt; &#x32;", "1 < 2 && 3 > 2"],
    ["<script>x<b></script>y", "y"],
    ["v<!-- x -->ia<i>gra</i>", "viagra"],
    ["&#0; &nothing; <", "\ufffd &nothing; <"],
  ] as const)("of %s", ([from, to]) => expect(htmlToText(from)).toBe(to));

  it("takes no longer than its length wants", () => {
    expect(htmlToText("<".repeat(100_000)).length).toBe(100_000);
    expect(htmlToText("<!--".repeat(50_000))).toBe("");
    expect(htmlToText("<script ".repeat(20_000))).toBe("");
  });
});

describe("mails as data", () => {
  const home = mkdtempSync(join(tmpdir(), "modelkeep-mails-"));
  afterAll(() => rmSync(home, { recursive: true }));
  const put = (path: string, content: string): void => {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), content);
  };
  const read = async (path: string) => {
    const data = (await openData(join(home, path))) as IndexedDataset;
    const { tensors } = data.take(countUp(data.size));
    const y = tensors["y"];
    return {
      subject: tensors["subject"]!.strings,
      y: y && [...new BigInt64Array(y.data.slice().buffer)].map(Number),
      classes: data.fields[2]?.classes,
    };
  };

  it("are a folder with a class for each subfolder, however its files are called", async () => {
    put("folder/spam/00001.7848dde1", html);
    put("folder/ham/00001.eml", plain);
    expect(await read("folder")).toEqual({ subject: ["Grüße", "Offer"], y: [0, 1], classes: ["ham", "spam"] });
  });

  it("are boxes: one, or one for each class", async () => {
    const box = `From a@b Thu\n${html}\n>From here\n\nFrom c@d Fri\n${plain}`;
    put("one.mbox", box);
    expect(await read("one.mbox")).toEqual({ subject: ["Offer", "Grüße"], y: undefined, classes: undefined });
    put("boxes/ham.mbox", `From a Thu\n${plain}`);
    put("boxes/spam.mbox", box);
    expect(await read("boxes")).toEqual({ subject: ["Grüße", "Offer", "Grüße"], y: [0, 1, 1], classes: ["ham", "spam"] });
    expect(new TextDecoder().decode(splitMbox(bytes(box))[0])).toContain("\nFrom here");
    expect([...splitMbox(Uint8Array.of(...bytes("From a\n"), 0x80, 0x9f, 0xff))[0]!]).toEqual([0x80, 0x9f, 0xff]);
  });

  it("and texts are read with their classes", async () => {
    put("texts/a/1.txt", "one");
    put("texts/b/2.txt", "two");
    const data = (await openData(join(home, "texts"))) as IndexedDataset;
    expect(data.take(countUp(2)).tensors["text"]!.strings).toEqual(["one", "two"]);
  });
});
