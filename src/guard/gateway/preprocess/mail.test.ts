import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { digestOf, echoModel, openWorld, type World } from "../../../../test/helpers/gateway.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { imageSettings, imageText, mimeMail, paintText } from "../../../lab/attack/index.node.ts";
import { mailVector, mailVectorSize } from "../../../lab/defend/index.node.ts";
import { contractOf, GraphBuilder, readModel, tensorOf, writeModel } from "../../../model/onnx/index.ts";
import { commitTensors } from "../record/commitment.ts";
import { preprocessConfig } from "./config.ts";
import { rawMail } from "./mail.ts";
import { openPreprocess } from "./preprocess.ts";

const message = "cheap watches order today";

/** y = how like the message a mail is: the product of its vector and the message's. */
function likeness(): Uint8Array {
  const b = new GraphBuilder({ name: "likeness" });
  const x = b.input("x", "float32", ["N", mailVectorSize]);
  const weights = b.initializer("w", tensorOf("float32", [mailVectorSize, 1], mailVector({ subject: "", body: message })));
  b.call({ op: "MatMul", inputs: [x, weights], outputs: ["y"] });
  b.output("y", "float32", ["N", 1]);
  return writeModel(b.model());
}

const model = likeness();
const settings = { path: "filter.onnx", trust: digestOf(model) };
const asks = (...mails: string[]) => ({ inputs: [{ name: "mail", datatype: "BYTES", shape: [mails.length], data: mails }] });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const plain = `Subject: hello\r\n\r\n${message}`;

async function pictured(): Promise<Uint8Array> {
  const mail = { subject: "", text: message, html: undefined };
  return (await imageText(mail, { setting: imageSettings[0]!, paint: paintText, rng: createSeeded(3) })).raw;
}

describe("a served model behind `preprocess: mail`", () => {
  let world: World;
  beforeAll(async () => {
    const hasty = { kind: "mail", timeoutMs: 1 };
    const narrow = { kind: "mail", pictures: false, maxMails: 2, maxBytes: 2000 };
    world = await openWorld({
      files: { "filter.onnx": model },
      models: {
        serve: [
          { ...settings, preprocess: "mail" },
          { ...settings, name: "hasty", preprocess: hasty },
          { ...settings, name: "narrow", preprocess: narrow },
        ],
      },
    });
  });
  afterAll(() => world.close());

  const answer = async (name: string, ...mails: string[]) => {
    const response = await world.infer(name, asks(...mails));
    const body = (await response.json()) as { outputs?: { data: number[] }[]; code?: string };
    return { status: response.status, headers: response.headers, y: body.outputs?.[0]?.data ?? [], code: body.code };
  };

  it("says that it takes mails, and still gives what the model gives", async () => {
    const metadata = (await (await world.fetch("/v2/models/filter")).json()) as { inputs: unknown; outputs: unknown };
    expect(metadata.inputs).toMatchObject([{ name: "mail", datatype: "BYTES", shape: [-1] }]);
    expect(metadata.outputs).toMatchObject([{ name: "y", datatype: "FP32", shape: [-1, 1] }]);
  });

  it("judges what a person sees, in the text and in the picture, and enters what was asked", async () => {
    const raw = text(await pictured());
    const { y, headers, status } = await answer("filter", plain, raw, "Subject: x\r\n\r\nsee you on Friday");
    expect(status).toBe(200);
    // Short mails look alike without a word in common; the message in the picture stands beside its harmless cover.
    expect(y[2]).toBeLessThan(0.5);
    expect(y[1]).toBeGreaterThan(y[2]! + 0.2);
    expect(y[0]).toBeGreaterThan(1);
    const entry = (await world.entries()).findLast(({ kind }) => kind === "inference.answered")!;
    const salt = Buffer.from(headers.get("x-modelkeep-salt")!, "hex");
    const sent = {
      type: "string",
      dims: [3],
      data: new Uint8Array(0),
      strings: [plain, raw, "Subject: x\r\n\r\nsee you on Friday"],
    } as const;
    expect(entry.detail).toMatchObject({
      inputs: [{ name: "mail", type: "string", shape: [3] }],
      preprocess: { kind: "mail", pictures: 1, unread: 0 },
      commitments: { inputs: commitTensors(salt, "inputs", { mail: sent }) },
    });
  });

  it("takes a mail in base64, whatever its bytes are", async () => {
    const base64 = Buffer.from(plain).toString("base64");
    expect((await answer("narrow", base64)).y).toEqual((await answer("narrow", plain)).y);
    expect([...rawMail(Buffer.from([0x53, 0x3a, 0xff]).toString("base64"))]).toEqual([0x53, 0x3a, 0xff]);
    expect(text(rawMail("Subject: a"))).toBe("Subject: a");
  });

  it("refuses a mail over a limit by what is wrong with it, and takes the next", async () => {
    const large = `Subject: x\r\n\r\n${"x".repeat(3000)}`;
    expect(await answer("narrow", large)).toMatchObject({ status: 413, code: "defend/mail-too-large" });
    expect((await answer("narrow", plain, plain, plain)).status).toBe(400);
    expect((await answer("narrow", plain, plain)).status).toBe(200);
    const nested = Array.from({ length: 40 }, (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\n\n--b${i}\n`).join("");
    expect([200, 400, 413]).toContain((await answer("narrow", nested)).status);
  });

  it("gives up a mail that takes too long, answers others meanwhile, and goes on", async () => {
    const raw = text(await pictured());
    const [late, live] = await Promise.all([answer("hasty", raw), world.fetch("/v2/health/live")]);
    expect(late).toMatchObject({ status: 422, code: "defend/mail-too-slow" });
    expect(live.status).toBe(200);
    const entry = (await world.entries()).findLast(({ kind }) => kind === "request.refused")!;
    expect(entry).toMatchObject({ code: "defend/mail-too-slow", subject: { id: "hasty" } });
    expect((await answer("filter", plain)).status).toBe(200);
  });

  it("does not take a picture for a picture because its mail says so", async () => {
    const pictures = [{ id: "1", name: "a.png", type: "image/png", bytes: new TextEncoder().encode("none") }];
    const raw = text(mimeMail({ subject: "x", text: message, html: undefined, pictures, boundary: "b" }));
    expect((await answer("filter", raw)).y[0]).toBeGreaterThan(0.5);
    const entry = (await world.entries()).findLast(({ kind }) => kind === "inference.answered")!;
    expect(entry.detail).toMatchObject({ preprocess: { pictures: 0, unread: 1 } });
  });
});

describe("a model that does not take mails", () => {
  it("is not served behind `preprocess: mail`", async () => {
    const contract = { ...contractOf(readModel(echoModel())), maxBatch: 8 };
    const config = preprocessConfig.parse({ kind: "mail", pictures: false });
    await expect(openPreprocess(config, contract, ".")).rejects.toMatchObject({ code: "models/bad-preprocess", exit: 4 });
  });
});
