/** Models that remember how their data was read: columns, classes, tokens, sizes. What is asked of a trained file is asked in the same words. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { load } from "../../../../test/helpers/ort.ts";
import { readModel, tensorOf, toFloat, writeModel } from "../../../model/onnx/index.ts";
import { createModelFile, evaluateModel, trainModel } from "./index.ts";

let dir = "";
const at = (name: string): string => join(dir, name);
const recipe = { epochs: 12, batch: 16, lr: 1e-2, seed: 1 };
const ways = () => ({ runs: at("runs") });
const modelAt = async (name: string) => readModel(new Uint8Array(await readFile(at(name))));
const recordOf = async (name: string) =>
  JSON.parse((await modelAt(name)).metadata.get("modelkeep.training")!) as Record<string, unknown>;

const good = ["the meeting is at noon", "please read the report", "thanks for the notes", "see you at lunch"];
const bad = ["win a free prize now", "free money click here", "cheap pills buy now", "claim your prize"];
const message = (i: number): string => `${[good, bad][i % 2]![(i >> 1) % 4]!}, ${["anna", "ben", "carl"][i % 3]!} ${i}`;
const rows = Array.from({ length: 64 }, (_, i) => i);

async function folderOf(
  name: string,
  classes: Readonly<Record<string, readonly number[]>>,
  write: (i: number) => [string, string],
) {
  for (const [folder, members] of Object.entries(classes)) {
    await mkdir(at(`${name}/${folder}`), { recursive: true });
    for (const i of members) await writeFile(at(`${name}/${folder}/${write(i)[0]}`), write(i)[1]);
  }
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "modelkeep-reading-"));
  await createModelFile({ kind: "transformer", input: [12], vocabulary: 300, classes: 2, seed: 1, out: at("text.onnx") });
  await folderOf("texts", { ham: rows.filter((i) => i % 2 === 0), spam: rows.filter((i) => i % 2 === 1) }, (i) => [
    `${i}.txt`,
    message(i),
  ]);
  await folderOf("only-spam", { spam: rows.filter((i) => i % 2 === 1) }, (i) => [`${i}.txt`, message(i)]);
  await folderOf("mails", { ham: rows.filter((i) => i % 2 === 0), spam: rows.filter((i) => i % 2 === 1) }, (i) => [
    `${i}.eml`,
    `From: a@b.example\r\nSubject: ${message(i)}\r\n\r\n${message(i)}\r\n`,
  ]);
  await writeFile(
    at("texts.jsonl"),
    rows.map((i) => JSON.stringify({ id: i, text: message(i), label: i % 2 === 0 ? "ham" : "spam" })).join("\n"),
  );
  await writeFile(at("people.csv"), table(rows));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Two columns of very different size, one of words, one of yes and no; the label hangs on the first and the words. */
function table(of: readonly number[]): string {
  const line = (i: number): string => {
    const income = 50_000 + 20_000 * Math.sin(i * 3);
    const town = ["Ulm", "Bonn", "Kiel"][i % 3]!;
    return `${income},${0.001 * Math.cos(i)},${town},${i % 4 === 0},${income > 50_000 === (town === "Ulm") ? "yes" : "no"}`;
  };
  return ["income,rate,town,member,label", ...of.map(line)].join("\n");
}

describe("text", () => {
  it.for([
    ["a folder of texts", "texts", "words"],
    ["a folder of texts, as bytes", "texts", "byte"],
    ["mails", "mails", "words"],
  ] as const)("of %s is learnt as tokens, and evaluated with the same ones", async ([, data, tokenizer]) => {
    const out = at(`${data}-${tokenizer}.onnx`);
    const { best } = await trainModel({ model: at("text.onnx"), data: at(data), text: { tokenizer }, out, recipe }, ways());
    expect(best!.loss).toBeLessThan(0.5);
    const report = await evaluateModel({ model: out, data: at(data) });
    expect(report).toMatchObject({ n: 64, lossName: "cross-entropy" });
    expect(report["accuracy"]).toBeGreaterThan(0.9);
    expect(report.perClass.map((row) => row.class)).toEqual(["ham", "spam"]);
    const { text } = (await recordOf(`${data}-${tokenizer}.onnx`)) as { text: { tokenizer: object; length: number } };
    expect(text).toMatchObject({
      length: 12,
      tokenizer: { form: tokenizer, digest: expect.stringMatching(/^sha256:/) as string },
    });
  });

  it("of a column is learnt beside others, and named columns are text however few words they have", async () => {
    const request = { model: at("text.onnx"), data: at("texts.jsonl"), target: "label", out: at("column.onnx"), recipe };
    await trainModel({ ...request, text: { tokenizer: "words", fields: ["text"] } }, ways());
    expect((await evaluateModel({ model: at("column.onnx"), data: at("texts.jsonl") }))["accuracy"]).toBeGreaterThan(0.9);
    await expect(trainModel({ ...request, text: { tokenizer: "words", fields: ["txt"] } }, ways())).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: "did you mean `text`?",
    });
  });

  it("is evaluated with classes by name: a folder that lacks one numbers the others differently", async () => {
    await trainModel(
      { model: at("text.onnx"), data: at("texts"), text: { tokenizer: "words" }, out: at("named.onnx"), recipe },
      ways(),
    );
    const report = await evaluateModel({ model: at("named.onnx"), data: at("only-spam") });
    expect(report["accuracy"]).toBeGreaterThan(0.9);
    expect(report.perClass.find((row) => row.class === "ham")!.n).toBe(0);
    await folderOf("other", { ham: [0], spma: [1] }, (i) => [`${i}.txt`, message(i)]);
    await expect(evaluateModel({ model: at("named.onnx"), data: at("other") })).rejects.toMatchObject({
      code: "data/malformed",
      hint: "did you mean `spam`?",
    });
  });

  it("needs a tokeniser, one that the model has room for, and after training the one that it learnt with", async () => {
    const request = { model: at("text.onnx"), data: at("texts"), out: at("x.onnx"), recipe };
    await expect(trainModel(request, ways())).rejects.toMatchObject({
      code: "api/bad-data",
      hint: expect.stringContaining("--tokenizer words") as string,
    });
    await createModelFile({ kind: "transformer", input: [12], vocabulary: 100, classes: 2, seed: 1, out: at("small.onnx") });
    await expect(trainModel({ ...request, model: at("small.onnx"), text: { tokenizer: "byte" } }, ways())).rejects.toMatchObject({
      message: "tokeniser `byte` has 257 tokens, the model knows 100",
    });
    await trainModel({ ...request, model: at("small.onnx"), text: { tokenizer: "words" }, out: at("few.onnx") }, ways());
    await expect(evaluateModel({ model: at("few.onnx"), data: at("texts"), text: { tokenizer: "byte" } })).rejects.toMatchObject({
      message: "the model learnt with tokeniser `words`, not with `byte`",
    });
    const spoilt = await modelAt("few.onnx");
    const metadata = new Map(spoilt.metadata).set("modelkeep.tokenizer.0", "other\nwords");
    await writeFile(at("spoilt.onnx"), writeModel({ ...spoilt, metadata }));
    await expect(evaluateModel({ model: at("spoilt.onnx"), data: at("texts") })).rejects.toMatchObject({ code: "api/bad-data" });
    await expect(
      evaluateModel({ model: at("small.onnx"), data: at("texts"), text: { tokenizer: "words" } }),
    ).rejects.toMatchObject({ message: "the model's file does not say which words it learnt" });
  });
});

describe("a table", () => {
  it("is standardised inside the graph: the trained file takes columns as they are measured", async () => {
    await createModelFile({ kind: "mlp", input: [6], classes: 2, seed: 1, out: at("mlp.onnx") });
    const request = { model: at("mlp.onnx"), data: at("people.csv"), target: "label", out: at("people.onnx") };
    const learning = { ...recipe, epochs: 40 };
    const { best } = await trainModel({ ...request, standardize: true, recipe: learning }, ways());
    expect(best!.loss).toBeLessThan(0.2);
    const { graph } = await modelAt("people.onnx");
    const [mean, deviation] = ["mean", "deviation"].map((name) => toFloat(graph.initializers.get(`standardize.${name}`)!));
    const incomes = rows.map((i) => 50_000 + 20_000 * Math.sin(i * 3));
    expect(mean![0]).toBeCloseTo(incomes.reduce((a, b) => a + b, 0) / 64, 1);
    // Words, and yes and no, stay as they are.
    expect(mean!.slice(2)).toEqual(new Float32Array(4));
    expect(deviation!.slice(2)).toEqual(new Float32Array(4).fill(1));
    expect((await evaluateModel({ model: at("people.onnx"), data: at("people.csv") }))["accuracy"]).toBeGreaterThan(0.95);
    const session = await load(await modelAt("people.onnx"));
    const outputs = await session.run({ input: tensorOf("float32", [1, 6], [50_000, 0, 1, 0, 0, 0]) });
    await session.close();
    expect([...toFloat(outputs["logits"]!)].every(Number.isFinite)).toBe(true);
    await expect(trainModel({ ...request, model: at("people.onnx"), standardize: true, recipe }, ways())).rejects.toMatchObject({
      code: "train/bad-option",
      message: "the model brings its columns to one size already",
    });
  });

  it("with words as places among them needs a column less for each", async () => {
    await createModelFile({ kind: "mlp", input: [4], classes: 2, seed: 1, out: at("mlp4.onnx") });
    const request = { model: at("mlp4.onnx"), data: at("people.csv"), target: "label", out: at("ordinal.onnx"), recipe };
    await expect(trainModel(request, ways())).rejects.toMatchObject({
      code: "train/bad-data",
      hint: expect.stringContaining("--input 6") as string,
    });
    await trainModel({ ...request, categories: "ordinal" }, ways());
    expect((await evaluateModel({ model: at("ordinal.onnx"), data: at("people.csv") })).n).toBe(64);
    await expect(evaluateModel({ model: at("ordinal.onnx"), data: at("people.csv"), target: "town" })).rejects.toMatchObject({
      code: "api/bad-data",
    });
  });

  it("with a word that was never seen, a missing value or another column is refused by line", async () => {
    await createModelFile({ kind: "mlp", input: [6], classes: 2, seed: 1, out: at("mlp6.onnx") });
    const out = at("strict.onnx");
    await trainModel(
      { model: at("mlp6.onnx"), data: at("people.csv"), target: "label", out, recipe: { ...recipe, epochs: 1 } },
      ways(),
    );
    const lines = table([0, 1, 2]).split("\n");
    const changed = async (line: number, from: string, to: string): Promise<string> => {
      await writeFile(at("changed.csv"), lines.map((text, i) => (i === line ? text.replace(from, to) : text)).join("\n"));
      return at("changed.csv");
    };
    for (const [line, from, to, code] of [
      [2, "Bonn", "Bonnn", "data/bad-row"],
      [3, "Kiel", "", "data/bad-row"],
      [0, "town", "city", "data/unknown-name"],
    ] as const)
      await expect(evaluateModel({ model: out, data: await changed(line, from, to) })).rejects.toMatchObject({ code });
  });
});

describe("columnar files", () => {
  it.for(["parquet", "arrow"] as const)("of %s are learnt from and evaluated with, as pyarrow wrote them", async (format) => {
    const path = new URL("../../../../test/interop/python/golden_columnar.json", import.meta.url);
    const { files } = JSON.parse(await readFile(path, "utf8")) as { files: { name: string; format: string; bytes: string }[] };
    const file = files.find((one) => one.format === format)!;
    await writeFile(at(`table.${format}`), Buffer.from(file.bytes, "base64"));
    // A number, and a number for `no`, for `yes` and for what is missing.
    await createModelFile({ kind: "mlp", input: [4], classes: 1, seed: 1, out: at("two.onnx") });
    const data = {
      data: at(`table.${format}`),
      target: "money",
      task: "regression",
      features: ["f32", "category"],
      missing: "fill",
    } as const;
    const out = at(`${format}.onnx`);
    await trainModel({ ...data, model: at("two.onnx"), standardize: true, out, recipe: { epochs: 1, batch: 16 } }, ways());
    const report = await evaluateModel({ model: out, data: data.data });
    expect(report).toMatchObject({ n: 120, lossName: "mse", rmse: expect.any(Number) as number });
  });
});

describe("a table with another delimiter", () => {
  it("is read when it is said, and the message says how", async () => {
    await createModelFile({ kind: "mlp", input: [6], classes: 2, seed: 1, out: at("semi.arch.onnx") });
    await writeFile(at("semi.csv"), table(rows).replaceAll(",", ";"));
    const request = { model: at("semi.arch.onnx"), data: at("semi.csv"), target: "label", out: at("semi.onnx") };
    const short = { ...request, recipe: { epochs: 1, batch: 16 } };
    await expect(trainModel(short, ways())).rejects.toMatchObject({
      code: "data/unknown-name",
      hint: expect.stringContaining("--delimiter `;`") as string,
    });
    await trainModel({ ...short, delimiter: ";" }, ways());
    expect((await evaluateModel({ model: at("semi.onnx"), data: at("people.csv") })).n).toBe(64);
  });
});

describe("a model with batch normalisation", () => {
  it("has it replaced by group normalisation before it learns, and the record says so", async () => {
    await createModelFile({ kind: "resnet8", input: [1, 8, 8], classes: 10, seed: 1, out: at("res.onnx") });
    const request = { model: at("res.onnx"), data: "digits", limit: 64, out: at("apart.onnx"), recipe: { epochs: 1, batch: 32 } };
    await trainModel({ ...request, replace: ["batch-norm=group-norm"] }, ways());
    const ops = new Set((await modelAt("apart.onnx")).graph.nodes.map(({ op }) => op));
    expect([ops.has("GroupNormalization"), ops.has("BatchNormalization")]).toEqual([true, false]);
    expect(await recordOf("apart.onnx")).toMatchObject({ replaced: ["batch-norm=group-norm"] });
    await expect(trainModel({ ...request, replace: ["batch-norm=layer-norm"] }, ways())).rejects.toMatchObject({
      code: "api/bad-input",
      hint: "--replace batch-norm=group-norm",
    });
  });
});
