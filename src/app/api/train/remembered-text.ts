/** The tokeniser inside a trained file: whoever has the file can ask the model in the words that it learnt. */
import { quote } from "../../../base/error/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { badData } from "./refuse.ts";
import type { TextRequest } from "./text.ts";
import { digestOf, formOf, sourceAt, tokenizerFrom } from "./tokenizer-source.ts";
import type { ChosenText, TextReading } from "./tokenizer-source.ts";

// Readers of ONNX files bound one text; a tokeniser of 50,000 tokens is longer than that, so it stands in pieces.
const pieceLength = 2 ** 18;
const pieceKey = (i: number): string => `modelkeep.tokenizer.${i}`;

/** The metadata entries that hold a tokeniser's text. */
export function textEntries(source: string): readonly (readonly [string, string])[] {
  const count = Math.ceil(source.length / pieceLength);
  return Array.from({ length: count }, (_, i) => [pieceKey(i), source.slice(i * pieceLength, (i + 1) * pieceLength)] as const);
}

/**
 * The tokeniser that a model learnt with, out of its file.
 * @throws `api/bad-data` when the file's tokeniser is not the one its record names, or another is asked for
 */
export async function rememberedText(
  model: Model,
  reading: TextReading | undefined,
  request: TextRequest = {},
): Promise<ChosenText | undefined> {
  if (reading === undefined) return undefined;
  let source = "";
  for (let i = 0; model.metadata.has(pieceKey(i)); i++) source += model.metadata.get(pieceKey(i))!;
  const { form, name, digest } = reading.tokenizer;
  if (digestOf(source) !== digest)
    throw badData("the tokeniser in the file is not the one that its record names", "train the model again, or give --tokenizer");
  const asked = request.tokenizer;
  if (asked !== undefined && asked !== name) {
    const other = asked === "byte" || asked === "words" ? "" : await sourceAt(asked);
    if (formOf(asked) !== form || (asked !== "words" && digestOf(other) !== digest))
      throw badData(
        `the model learnt with tokeniser ${quote(name, 120)}, not with ${quote(asked, 120)}`,
        "leave --tokenizer out: the file holds its own",
      );
  }
  return { reading, tokenizer: tokenizerFrom(form, source, name), source };
}
