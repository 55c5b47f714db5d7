import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openMailReader } from "./mail-reader.node.ts";
import type { MailReader } from "./mail-reader.node.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const mail = (n: number) => bytes(`Subject: mail ${n}\n\nhello`);
/** Takes far longer than a millisecond, on any machine: four megabytes of base64, letter by letter. */
const slow = bytes(`Subject: slow\nContent-Transfer-Encoding: base64\n\n${"QUJD\n".repeat(800_000)}`);

describe("a reader of mails in a thread of its own", () => {
  let reader: MailReader;
  beforeAll(async () => {
    reader = await openMailReader({ pictures: false, maxWaiting: 4 });
  });
  afterAll(() => reader.close());

  it("reads each mail that is given to it, in turn", async () => {
    const seen = await Promise.all([1, 2, 3].map((n) => reader.read(mail(n), 60_000)));
    expect(seen.map(({ subject }) => subject)).toEqual(["mail 1", "mail 2", "mail 3"]);
  });

  it("gives up a mail that takes too long, and reads the ones after it", async () => {
    const late = reader.read(slow, 1);
    const next = reader.read(mail(5), 60_000);
    await expect(late).rejects.toMatchObject({ code: "defend/mail-too-slow", status: 422 });
    expect((await next).subject).toBe("mail 5");
  });

  it("lets no more mails wait than it was told", async () => {
    const asked = Array.from({ length: 8 }, (_, n) => reader.read(mail(n), 60_000));
    const ends = await Promise.allSettled(asked);
    expect(ends.map(({ status }) => status)).toEqual([...Array(5).fill("fulfilled"), ...Array(3).fill("rejected")]);
    expect(ends[7]).toMatchObject({ reason: { code: "defend/too-many-mails", status: 503 } });
  });

  it("refuses what is larger than it may be, without ending", async () => {
    const small = await openMailReader({ pictures: false, limits: { maxBytes: 100 } });
    await expect(small.read(slow, 60_000)).rejects.toMatchObject({ code: "defend/mail-too-large", status: 413 });
    expect((await small.read(mail(1), 60_000)).subject).toBe("mail 1");
    await small.close();
    await expect(small.read(mail(1), 60_000)).rejects.toMatchObject({ code: "defend/mail-broke-off" });
  });

  it("says at once when the models are not there", async () => {
    await expect(openMailReader({ models: "/nonexistent" })).rejects.toMatchObject({ code: "defend/no-ocr-models" });
  });
});
