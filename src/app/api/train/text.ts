/** Text as a model takes it: which tokeniser, how many tokens, into which of the model's inputs; and how the trained file remembers it. */
import { basename } from "node:path";
import { quote } from "../../../base/error/index.ts";
import { tokenized, vocabularyOf } from "../../../model/data/index.node.ts";
import type { IndexedDataset, Tokenizer } from "../../../model/data/index.node.ts";
import { requiredInputs } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { embeddingRows } from "../../../model/train/index.node.ts";
import { badData } from "./refuse.ts";
import { digestOf, formOf, sourceAt, tokenizerFrom } from "./tokenizer-source.ts";
import type { ChosenText } from "./tokenizer-source.ts";

/** What a person says about text. */
export interface TextRequest {
  /** `byte`, `words`, or the path of a `tokenizer.json` or a `vocab.txt`. */
  readonly tokenizer?: string | undefined;
  /** Tokens of an example; default what the model takes, or 256. */
  readonly length?: number | undefined;
  /** Most words of `words`; default what the model knows, or 10,000. */
  readonly vocabulary?: number | undefined;
  /** The fields of text, put one after another; all when left out. */
  readonly fields?: readonly string[] | undefined;
}

const isText = ({ type, dims }: { readonly type: string; readonly dims: readonly number[] }): boolean =>
  type === "string" && dims.length === 0;

/**
 * Chooses a tokeniser for a training; `words` takes its words from the examples that are learnt from. Undefined when none is asked for.
 * @throws `api/bad-data` for text without a tokeniser, or a model that knows fewer tokens
 */
export async function chooseText(model: Model, set: IndexedDataset, request: TextRequest = {}): Promise<ChosenText | undefined> {
  const { tokenizer: name, fields } = request;
  const inputs = set.fields.filter((field) => field.name !== set.target);
  if (name === undefined) {
    if (inputs.length > 0 && inputs.every(isText))
      throw badData(
        `the data is text (${inputs.map((field) => quote(field.name)).join(", ")}), and models take numbers`,
        "say how it becomes tokens: --tokenizer words, byte, or a tokenizer.json or vocab.txt",
      );
    return undefined;
  }
  const { rows, dims } = tokensInput(model);
  const form = formOf(name);
  const source =
    form === "byte"
      ? ""
      : form === "words"
        ? wordsIn(set, { fields, size: request.vocabulary ?? (rows === undefined ? 10_000 : Math.max(0, rows - 2)) }).join("\n")
        : await sourceAt(name);
  const tokenizer = tokenizerFrom(form, source, name);
  checkSize(tokenizer, rows, name);
  const length = request.length ?? (typeof dims?.[1] === "number" ? dims[1] : 256);
  return {
    reading: {
      tokenizer: { form, name: basename(name), size: tokenizer.size, digest: digestOf(source) },
      length,
      ...(fields === undefined ? {} : { fields }),
    },
    tokenizer,
    source,
  };
}

function wordsIn(
  set: IndexedDataset,
  { fields, size }: { readonly fields: readonly string[] | undefined; readonly size: number },
): readonly string[] {
  const names = fields ?? set.fields.filter((field) => isText(field) && field.name !== set.target).map((field) => field.name);
  const { tensors } = set.take(
    Uint32Array.from({ length: set.size }, (_, i) => i),
    names,
  );
  return vocabularyOf(
    names.flatMap((name) => tensors[name]?.strings ?? []),
    { size },
  );
}

/** The input that takes tokens: the only one, or that of the ids. */
function tokensInput(model: Model) {
  const inputs = requiredInputs(model.graph);
  const main = inputs.find(({ name }) => /ids$/i.test(name) && !/type/i.test(name)) ?? inputs[0];
  const type = main?.type?.kind === "tensor" ? main.type : undefined;
  return { name: main?.name ?? "", dims: type?.dims, rows: main === undefined ? undefined : embeddingRows(model, main.name) };
}

function checkSize(tokenizer: Tokenizer, rows: number | undefined, name: string): void {
  if (rows === undefined || tokenizer.size <= rows) return;
  throw badData(
    `tokeniser ${quote(name, 120)} has ${tokenizer.size} tokens, the model knows ${rows}`,
    `make a model for it: modelkeep model new transformer --vocabulary ${tokenizer.size} …${name === "words" ? ", or ask for fewer words with --vocabulary" : ""}`,
  );
}

/** The data as the model takes it, and which field each input takes where there are several. */
export interface TokenSet {
  readonly set: IndexedDataset;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** @throws `data/bad-option` when there is no text, `data/unknown-name` */
export function asTokens(model: Model, set: IndexedDataset, { reading, tokenizer }: ChosenText): TokenSet {
  const others = requiredInputs(model.graph).map(({ name }) => name);
  const main = tokensInput(model).name;
  const mask = others.find((name) => name !== main && /mask/i.test(name));
  const types = others.find((name) => name !== main && /type/i.test(name));
  const made = tokenized(set, {
    tokenizer,
    length: reading.length,
    ...(reading.fields === undefined ? {} : { fields: reading.fields }),
    ...(mask === undefined ? {} : { mask }),
    ...(types === undefined ? {} : { types }),
  }) as IndexedDataset;
  return others.length < 2 ? { set: made } : { set: made, inputs: { [main]: "x" } };
}
