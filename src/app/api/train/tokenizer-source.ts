/** What a tokeniser is made from, and what is remembered of it. */
import { createHash } from "node:crypto";
import { byteTokenizer, readDataFile, readTokenizerJson, readVocabulary, wordTokenizer } from "../../../model/data/index.node.ts";
import type { Tokenizer } from "../../../model/data/index.node.ts";

/** What a tokeniser can be made from again. */
export type Form = "byte" | "words" | "tokenizer.json" | "vocab.txt";

/** How text was read, as the training record has it; the tokeniser's own text stands in the file beside the record. */
export interface TextReading {
  readonly tokenizer: { readonly form: Form; readonly name: string; readonly size: number; readonly digest: string };
  readonly length: number;
  readonly fields?: readonly string[];
}

/** A tokeniser, how it is remembered, and the text that it is made from. */
export interface ChosenText {
  readonly reading: TextReading;
  readonly tokenizer: Tokenizer;
  readonly source: string;
}

export const digestOf = (source: string): string => `sha256:${createHash("sha256").update(source).digest("hex")}`;

/** @throws what reading a tokeniser throws */
export function tokenizerFrom(form: Form, source: string, file: string): Tokenizer {
  switch (form) {
    case "byte":
      return byteTokenizer;
    case "words":
      return wordTokenizer(source === "" ? [] : source.split("\n"));
    case "vocab.txt":
      return readVocabulary(source, { file });
    case "tokenizer.json":
      return readTokenizerJson(source, file);
  }
}

export const formOf = (name: string): Form =>
  name === "byte" || name === "words" ? name : /\.txt$/i.test(name) ? "vocab.txt" : "tokenizer.json";

/** The text of a tokeniser's file. @throws `data/no-file`, `data/too-large` */
export const sourceAt = async (path: string): Promise<string> =>
  new TextDecoder().decode(await readDataFile(path, { maxBytes: 2 ** 25 }));
