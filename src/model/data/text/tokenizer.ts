/** Text as numbers of its pieces. */

import type { Dataset, Field, IndexedDataset } from "../dataset/dataset.ts";
import { isIndexed } from "../dataset/dataset.ts";
import { tensorColumn } from "../dataset/column.ts";
import { countUp, createDataset } from "../dataset/indexed.ts";
import type { StreamDataset } from "../dataset/stream.ts";
import { createStreamDataset } from "../dataset/stream.ts";
import { badOption } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import { unknownColumn } from "../table/names.ts";

export interface Tokenizer {
  /** How records name it. */
  readonly kind: "byte" | "word" | "wordpiece" | "bpe";
  /** Numbers are 0 … `size` − 1. */
  readonly size: number;
  /** What fills a text that is shorter than others. */
  readonly pad: number;
  /** The tokens of a text, at most so many: what stands around a text stays when the text is cut. */
  encode(text: string, most?: number): number[];
}

/** Each byte of UTF-8 is a token: 0 is padding, byte b is b + 1. It knows every text and needs no vocabulary. */
export const byteTokenizer: Tokenizer = {
  kind: "byte",
  size: 257,
  pad: 0,
  encode: (text, most) => Array.from(new TextEncoder().encode(text).subarray(0, most), (byte) => byte + 1),
};

const words = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;

/** Lower-case words, numbers and signs of a text, after NFKC. */
export const wordsOf = (text: string): readonly string[] => text.normalize("NFKC").toLowerCase().match(words) ?? [];

/**
 * The commonest words of texts, the most frequent first; equally frequent ones by their letters. It is what a tokeniser of words needs to
 * be made again, so write it down beside the model.
 */
export function vocabularyOf(
  texts: Iterable<string>,
  { size = 30_000, minCount = 1 }: { size?: number; minCount?: number } = {},
): readonly string[] {
  const counts = new Map<string, number>();
  for (const text of texts) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
  const often = [...counts].filter(([, count]) => count >= minCount);
  often.sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return often.slice(0, size).map(([word]) => word);
}

/**
 * Words by a vocabulary: 0 is padding, 1 a word that it has not, 2 its first.
 * @example wordTokenizer(vocabularyOf(texts, { size: 10_000 })).encode("buy now");
 */
export function wordTokenizer(vocabulary: readonly string[]): Tokenizer {
  const places = new Map(vocabulary.map((word, i) => [word, i + 2]));
  return {
    kind: "word",
    size: vocabulary.length + 2,
    pad: 0,
    encode: (text, most) =>
      wordsOf(text)
        .slice(0, most)
        .map((word) => places.get(word) ?? 1),
  };
}

export interface TokenizeOptions {
  readonly tokenizer: Tokenizer;
  /** Tokens of each example: longer texts are cut, shorter ones padded. */
  readonly length: number;
  /** The fields of text, put one after another with a line feed between them; all of them when left out. */
  readonly fields?: readonly string[];
  /** A field of this name that is 1 where there is a token and 0 where there is padding, as BERT's `attention_mask`. */
  readonly mask?: string;
  /** A field of this name that is 0 everywhere, as BERT's `token_type_ids` of a single text. */
  readonly types?: string;
}

type Tensors = Readonly<Record<string, DataTensor>>;

/** Writes a batch's texts as tokens, and what is wanted beside them. */
function encoderOf({ tokenizer, length, mask, types }: TokenizeOptions, texts: readonly string[]) {
  const int64 = (data: BigInt64Array): DataTensor => ({
    type: "int64",
    dims: [data.length / length, length],
    data: new Uint8Array(data.buffer),
  });
  return (tensors: Tensors, rows: number): Tensors => {
    const x = new BigInt64Array(rows * length).fill(BigInt(tokenizer.pad));
    const there = new BigInt64Array(rows * length);
    for (let row = 0; row < rows; row++) {
      const text = texts.map((name) => tensors[name]!.strings![row]!).join("\n");
      const tokens = tokenizer.encode(text, length);
      for (let i = 0; i < Math.min(length, tokens.length); i++) {
        x[row * length + i] = BigInt(tokens[i]!);
        there[row * length + i] = 1n;
      }
    }
    return {
      x: int64(x),
      ...(mask === undefined ? {} : { [mask]: int64(there) }),
      ...(types === undefined ? {} : { [types]: int64(new BigInt64Array(rows * length)) }),
    };
  };
}

/**
 * The data with its text as `x`: int64 of `length` tokens. Other fields stay.
 * @throws data/bad-option when there is no text, data/unknown-name
 */
export function tokenized(dataset: IndexedDataset | StreamDataset, options: TokenizeOptions): IndexedDataset | StreamDataset {
  const { length, mask, types } = options;
  if (!Number.isSafeInteger(length) || length < 1) throw badOption(`a text of ${length} tokens`, "give at least one");
  const texts = textFields(dataset, options.fields);
  const encode = encoderOf(options, texts);
  const made = ["x", mask, types].filter((field) => field !== undefined);
  const kept = dataset.fields.filter((field) => !texts.includes(field.name) && !made.includes(field.name));
  const { name, target } = dataset;
  if (isIndexed(dataset)) {
    const { tensors, size } = dataset.take(countUp(dataset.size));
    const columns = kept.map((field) =>
      tensorColumn(field.name, tensors[field.name]!, field.classes === undefined ? {} : { classes: field.classes }),
    );
    const tokens = Object.entries(encode(tensors, size)).map(([field, tensor]) => tensorColumn(field, tensor));
    return createDataset(name, [...tokens, ...columns], target);
  }
  return createStreamDataset({
    name,
    fields: [...made.map((field): Field => ({ name: field, type: "int64", dims: [length] })), ...kept],
    ...(target === undefined ? {} : { target }),
    async *open() {
      for await (const { tensors, size } of dataset.batches({ size: 1024 })) {
        yield { ...encode(tensors, size), ...Object.fromEntries(kept.map((field) => [field.name, tensors[field.name]!])) };
      }
    },
  });
}

function textFields({ name, fields, target }: Dataset, wanted: readonly string[] | undefined): readonly string[] {
  const texts = fields
    .filter((field) => field.type === "string" && field.dims.length === 0 && field.name !== target)
    .map((field) => field.name);
  for (const field of wanted ?? []) if (!texts.includes(field)) throw unknownColumn(name, field, texts);
  if (texts.length === 0) throw badOption("tokens of data without text", "bring a column of text, mails, or a folder of texts");
  return wanted ?? texts;
}
