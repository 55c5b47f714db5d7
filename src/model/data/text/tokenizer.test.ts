import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { isModelkeepError } from "../../../base/error/index.ts";
import { createSeeded } from "../../../base/math/index.ts";
import { tensorColumn } from "../dataset/column.ts";
import { countUp, createDataset } from "../dataset/indexed.ts";
import type { IndexedDataset } from "../dataset/dataset.ts";
import { csvTable } from "../table/csv.ts";
import { openTable } from "../table/open-table.ts";
import { bytesSource } from "../table/source.ts";
import { hashedVector, hashText } from "./hashed.ts";
import { readTokenizerJson, readVocabulary } from "./tokenizer-file.ts";
import { byteTokenizer, tokenized, vocabularyOf, wordTokenizer } from "./tokenizer.ts";

interface Golden {
  readonly texts: readonly string[];
  readonly vocab: string;
  readonly cases: readonly { readonly name: string; readonly file: string; readonly ids: readonly (readonly number[])[] }[];
}
const path = new URL("../../../../test/interop/python/golden_tokenizers.json", import.meta.url);
const golden = JSON.parse(readFileSync(path, "utf8")) as Golden;

describe("tokenisers in files", () => {
  it.for(golden.cases)("make the tokens that PyPI's tokenizers makes: $name", ({ file, ids }) => {
    const tokenizer = readTokenizerJson(file);
    expect(golden.texts.map((text) => tokenizer.encode(text))).toEqual(ids);
    expect(tokenizer.size).toBeGreaterThan(Math.max(...ids.flat()));
  });

  it("cut a text and keep what stands around it, as the library's truncation does", () => {
    for (const { file } of golden.cases) {
      const { encode } = readTokenizerJson(file);
      const around = encode("").length;
      for (const text of golden.texts) {
        const [whole, cut] = [encode(text), encode(text, 5)];
        const kept = Math.max(0, Math.min(whole.length, 5) - around);
        expect(cut).toHaveLength(kept + around);
        expect(cut.filter((_, i) => i < 1 + kept - (around === 0 ? 1 : 0))).toEqual(
          whole.slice(0, 1 + kept - (around === 0 ? 1 : 0)),
        );
        if (around > 1) expect(cut.at(-1)).toBe(whole.at(-1));
      }
    }
    const { encode } = readVocabulary(golden.vocab);
    expect(encode(golden.texts[0]!, 4)).toHaveLength(4);
    expect(encode(golden.texts[0]!, 4).at(-1)).toBe(encode(golden.texts[0]!).at(-1));
  });

  it("are the same out of BERT's list of pieces", () => {
    const { encode } = readVocabulary(golden.vocab);
    expect(golden.texts.map((text) => encode(text))).toEqual(golden.cases[0]!.ids);
    expect(() => readVocabulary("a\nb\n")).toThrow(expect.objectContaining({ code: "data/malformed" }));
  });

  it("that ask for more than is read are refused, and damaged ones too", () => {
    const [first] = golden.cases;
    const other = { ...(JSON.parse(first!.file) as object), normalizer: { type: "Precompiled" } };
    expect(() => readTokenizerJson(JSON.stringify(other))).toThrow(expect.objectContaining({ code: "data/unsupported" }));
    for (let seed = 0; seed < 300; seed++) {
      const dice = createSeeded(seed);
      const text = [...first!.file];
      for (let i = 0; i < 4; i++) text[dice.below(Math.min(text.length, 1500))] = '0"{}[],:nt'[dice.below(10)]!;
      try {
        expect(readTokenizerJson(text.join("")).size).toBeGreaterThan(0);
      } catch (error) {
        expect(isModelkeepError(error), String(error)).toBe(true);
      }
    }
  });
});

describe("words by a vocabulary", () => {
  it("are numbered by how common they are, and equally common ones by their letters", () => {
    const vocabulary = vocabularyOf(["b a c", "B c!", "don't ﬁt"], { size: 4 });
    expect(vocabulary).toEqual(["b", "c", "!", "a"]);
    expect(wordTokenizer(vocabulary).encode("C a? B")).toEqual([3, 5, 1, 2]);
  });
});

describe("text as tokens", () => {
  const texts = ["hi", "hello"];
  const data = createDataset("t", [tensorColumn("text", { type: "string", dims: [2], data: new Uint8Array(0), strings: texts })]);

  it("is cut and padded to one length", () => {
    const { fields, take, size } = tokenized(data, { tokenizer: byteTokenizer, length: 3 }) as IndexedDataset;
    expect(fields).toEqual([{ name: "x", type: "int64", dims: [3] }]);
    const { data: bytes } = take(countUp(size)).tensors["x"]!;
    expect([...new BigInt64Array(bytes.slice().buffer)].map(Number)).toEqual([105, 106, 0, 105, 102, 109]);
    expect(() => tokenized(data, { tokenizer: byteTokenizer, length: 3, fields: ["txt"] })).toThrow(
      expect.objectContaining({ code: "data/unknown-name", hint: "did you mean `text`?" }),
    );
    expect(() => tokenized(data, { tokenizer: byteTokenizer, length: 0 })).toThrow(
      expect.objectContaining({ code: "data/bad-option" }),
    );
  });

  it("of a stream is a stream", async () => {
    const rows = Array.from({ length: 40 }, (_, i) => `text number ${i},${i % 2}`).join("\n");
    const table = csvTable(bytesSource("t.csv", new TextEncoder().encode(`text,y\n${rows}\n`)));
    const stream = tokenized(await openTable(table, { target: "y" }), { tokenizer: byteTokenizer, length: 4 });
    for await (const { tensors, size } of stream.batches({ size: 40 })) {
      expect(size).toBe(40);
      expect(tensors["x"]).toMatchObject({ type: "int64", dims: [40, 4] });
      expect(tensors["y"]).toMatchObject({ type: "int64", dims: [40] });
    }
  });
});

describe("hashed text", () => {
  it("is a vector of length 1, the same everywhere", () => {
    expect(hashText("buy now")).toBe(hashText("buy now"));
    expect([hashText(""), hashText("a")]).toMatchInlineSnapshot(`
      [
        2872998923,
        444641715,
      ]
    `);
    const vector = hashedVector(["a", "b", "b"], { size: 64 });
    expect(vector.filter((value) => value > 0).length).toBe(2);
    expect(vector.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 6);
    expect([...hashedVector([], { size: 2 })]).toEqual([0, 0]);
  });
});
