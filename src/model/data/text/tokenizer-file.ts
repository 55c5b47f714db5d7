/** Tokenisers in files: `tokenizer.json` of Hugging Face's library, and BERT's `vocab.txt`. */

import { isModelkeepError, quote } from "../../../base/error/index.ts";
import { malformed, unsupported } from "../refuse.ts";
import { byteLetters, gpt2Words, mergePairs } from "./bpe.ts";
import type { Tokenizer } from "./tokenizer.ts";
import { bertNormal, bertWords, wordPieces } from "./wordpiece.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A tokeniser of `tokenizer.json`: WordPiece, or byte-level BPE; with the normalisers, cuts and templates of the usual models. What else a file
 * asks for is refused, because nearly the same tokens are wrong tokens.
 *
 * @throws data/malformed, data/unsupported
 */
export function readTokenizerJson(text: string, file = "tokenizer.json"): Tokenizer {
  try {
    return readRoot(JSON.parse(text) as Json, file);
  } catch (cause) {
    // A member of another type than the library writes is found where it is used.
    if (isModelkeepError(cause)) throw cause;
    throw malformed(file, `it is no tokeniser (${cause instanceof Error ? cause.message.slice(0, 100) : "unreadable"})`);
  }
}

function readRoot(root: Json, file: string): Tokenizer {
  const model = objectOf(root?.["model"]);
  if (model === undefined) throw malformed(file, "it has no model of a tokeniser");
  const vocabulary = vocabularyIn(model["vocab"], file);
  const kind = model["type"] ?? (Array.isArray(model["merges"]) ? "BPE" : "WordPiece");
  const normal = normalizerOf(root["normalizer"], file);
  const cut = cutterOf(root["pre_tokenizer"], file);
  const encodeWord =
    kind === "WordPiece" ? pieceEncoder(model, vocabulary) : kind === "BPE" ? pairEncoder(model, vocabulary, file) : undefined;
  if (encodeWord === undefined) throw unsupported(file, `its model is ${quote(kind)}`, "WordPiece and BPE are read");
  const template = templateOf(root["post_processor"], file);
  const around = template([]).length;
  const pad = objectOf(root["padding"])?.["pad_id"] ?? vocabulary.get("[PAD]") ?? vocabulary.get("<pad>") ?? 0;
  const added = Array.isArray(root["added_tokens"])
    ? root["added_tokens"].map((token) => Number(objectOf(token)?.["id"] ?? 0))
    : [];
  return {
    kind: kind === "BPE" ? "bpe" : "wordpiece",
    size: Math.max(...vocabulary.values(), ...added, 0) + 1,
    pad: Number(pad),
    encode: (input, most = Infinity) =>
      template(
        cut(normal(input))
          .flatMap(encodeWord)
          .slice(0, Math.max(0, most - around)),
      ),
  };
}

/**
 * BERT's `vocab.txt`: a piece a line, with its usual normalisation; `[CLS]` and `[SEP]` stand around each text when it has them.
 * @throws data/malformed
 */
export function readVocabulary(
  text: string,
  { lowercase = true, file = "vocab.txt" }: { lowercase?: boolean; file?: string } = {},
): Tokenizer {
  const lines = text.replace(/\r?\n$/, "").split(/\r?\n/);
  const vocabulary = new Map(lines.map((line, i) => [line, i]));
  if (!vocabulary.has("[UNK]"))
    throw malformed(file, "it has no [UNK]", { hint: "give a WordPiece vocabulary, one piece a line" });
  const encodeWord = pieceEncoder({}, vocabulary);
  const around = [vocabulary.get("[CLS]"), vocabulary.get("[SEP]")];
  const normal = { cleanText: true, spaceHan: true, stripAccents: lowercase, lowercase };
  return {
    kind: "wordpiece",
    size: lines.length,
    pad: vocabulary.get("[PAD]") ?? 0,
    encode(input, most = Infinity) {
      const ids = bertWords(bertNormal(input, normal)).flatMap(encodeWord);
      if (around.includes(undefined)) return ids.slice(0, most);
      return [around[0]!, ...ids.slice(0, Math.max(0, most - 2)), around[1]!];
    },
  };
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;

function vocabularyIn(value: unknown, file: string): ReadonlyMap<string, number> {
  const entries = Object.entries(objectOf(value) ?? {});
  if (entries.length === 0 || !entries.every(([, id]) => Number.isSafeInteger(id)))
    throw malformed(file, "its vocabulary is no list of pieces and numbers");
  return new Map(entries as [string, number][]);
}

function pieceEncoder(model: Json, vocabulary: ReadonlyMap<string, number>): (word: string) => number[] {
  const unknown = vocabulary.get(String(model["unk_token"] ?? "[UNK]")) ?? 0;
  const options = {
    prefix: String(model["continuing_subword_prefix"] ?? "##"),
    maxLength: Number(model["max_input_chars_per_word"] ?? 100),
  };
  return (word) => wordPieces(word, vocabulary, options) ?? [unknown];
}

function pairEncoder(model: Json, vocabulary: ReadonlyMap<string, number>, file: string): (word: string) => number[] {
  for (const option of ["dropout", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback"]) {
    if (model[option] !== undefined && model[option] !== null && model[option] !== false && model[option] !== "") {
      throw unsupported(file, `its BPE has ${quote(option)}`, "byte-level BPE as of GPT-2 is read");
    }
  }
  if (!Array.isArray(model["merges"])) throw malformed(file, "it has no merges");
  const ranks = new Map(
    model["merges"].map((pair: unknown, rank) => [Array.isArray(pair) ? pair.join(" ") : String(pair), rank]),
  );
  const unknown = typeof model["unk_token"] === "string" ? vocabulary.get(model["unk_token"]) : undefined;
  const known = new Map<string, number[]>();
  return (word) => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const ids = mergePairs(Array.from(word), ranks).flatMap((part) => vocabulary.get(part) ?? unknown ?? []);
    // Bounded, because the words of a stranger's text have no end.
    if (known.size < 100_000) known.set(word, ids);
    return ids;
  };
}

function normalizerOf(value: unknown, file: string): (text: string) => string {
  const options = objectOf(value);
  if (options === undefined) return (text) => text;
  switch (options["type"]) {
    case "Sequence": {
      const steps = (options["normalizers"] as unknown[]).map((step) => normalizerOf(step, file));
      return (text) => steps.reduce((out, step) => step(out), text);
    }
    case "BertNormalizer": {
      const lowercase = options["lowercase"] !== false;
      const normal = {
        cleanText: options["clean_text"] !== false,
        spaceHan: options["handle_chinese_chars"] !== false,
        stripAccents: (options["strip_accents"] ?? lowercase) === true,
        lowercase,
      };
      return (text) => bertNormal(text, normal);
    }
    case "Lowercase":
      return (text) => text.toLowerCase();
    case "StripAccents":
      return (text) => text.replace(/\p{Mn}/gu, "");
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD": {
      const form = options["type"];
      return (text) => text.normalize(form);
    }
    default:
      throw unsupported(
        file,
        `its normaliser is ${quote(options["type"])}`,
        "BERT's, lower case, accents and Unicode forms are read",
      );
  }
}

function cutterOf(value: unknown, file: string): (text: string) => readonly string[] {
  const options = objectOf(value);
  switch (options?.["type"]) {
    case "BertPreTokenizer":
      return bertWords;
    case "Whitespace":
      return (text) => text.match(/[\p{L}\p{M}\p{Nd}\p{Pc}\p{Nl}]+|[^\p{L}\p{M}\p{Nd}\p{Pc}\p{Nl}\s]+/gu) ?? [];
    case "WhitespaceSplit":
      return (text) => text.match(/\S+/gu) ?? [];
    case "ByteLevel": {
      const words = options["use_regex"] === false ? (text: string) => [text] : gpt2Words;
      return (text) =>
        words(options["add_prefix_space"] === true && text !== "" && !/^\s/u.test(text) ? ` ${text}` : text).map((word) =>
          Array.from(new TextEncoder().encode(word), (byte) => byteLetters[byte]!).join(""),
        );
    }
    default:
      throw unsupported(
        file,
        `its cut into words is ${quote(options?.["type"] ?? "none")}`,
        "BERT's, white space and byte level are read",
      );
  }
}

/** What stands around the tokens of a text. */
function templateOf(value: unknown, file: string): (ids: number[]) => number[] {
  const options = objectOf(value);
  if (options === undefined || options["type"] === "ByteLevel") return (ids) => ids;
  if (options["type"] === "BertProcessing" || options["type"] === "RobertaProcessing") {
    const [before, after] = ["cls", "sep"].map((key) => Number((options[key] as unknown[] | undefined)?.[1]));
    return (ids) => [before!, ...ids, after!];
  }
  if (options["type"] !== "TemplateProcessing")
    throw unsupported(file, `its template is ${quote(options["type"])}`, "templates of BERT, RoBERTa and one text are read");
  const tokens = objectOf(options["special_tokens"]) ?? {};
  const steps = (options["single"] as Json[]).map((step) => {
    const special = objectOf(step["SpecialToken"]);
    return special === undefined ? undefined : (objectOf(tokens[String(special["id"])])?.["ids"] as number[]);
  });
  return (ids) => steps.flatMap((special) => special ?? ids);
}
