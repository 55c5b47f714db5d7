/** What can be said about data on the command line, the same for every command that reads examples. */
import type { Command as Commander } from "commander";
import { quote } from "../../base/error/index.ts";
import type { DataRequest } from "../api/train/index.ts";
import type {} from "./errors.ts";
import { count, shape } from "./numbers.ts";
import { words } from "./words.ts";
import { usage } from "./usage.ts";

/** Flags that a command gave. */
export type Flags = Readonly<Record<string, unknown>>;

/** Everything but `--data` itself. */
export const declareData = (command: Commander): Commander =>
  command
    .option("--labels <file>", "labels beside a file of inputs")
    .option("--target <name>", "the column or array that is right")
    .option("--task <task>", "classification or regression (default: what the target is)")
    .option("--limit <n>", "only the first so many examples", count)
    .option("--features <columns...>", "columns of a table that are the input (default: all but the target)", words)
    .option("--categories <way>", "one-hot or ordinal: how words of a table become numbers (default: one-hot)")
    .option("--missing <way>", "refuse, fill, nan or drop: what a missing value of a table becomes (default: refuse)")
    .option("--delimiter <sign>", "between the fields of a CSV file (default: a comma, for .tsv a tab)")
    .option("--resize <size>", "brings all images of a folder to one size: 32x32", shape)
    .option("--channels <n>", "1 reads images grey, 3 in colours", count)
    .option("--tokenizer <name>", "how text becomes tokens: words, byte, or a tokenizer.json or vocab.txt")
    .option("--tokens <n>", "tokens of an example (default: what the model takes, or 256)", count)
    .option("--text <columns...>", "the columns of text, put one after another (default: all)", words)
    .option("--vocabulary <n>", "most words of `--tokenizer words` (default: what the model knows)", count);

/**
 * The flags as a request.
 * @throws `cli/usage`
 */
export function dataRequest(data: string, flags: Flags): DataRequest {
  const { resize, channels, tokenizer, tokens, text, vocabulary } = flags;
  const [width, height, ...more] = (resize as readonly number[] | undefined) ?? [];
  if (resize !== undefined && (width === undefined || height === undefined || more.length > 0))
    throw usage("--resize takes a width and a height", "--resize 32x32");
  if (channels !== undefined && channels !== 1 && channels !== 3)
    throw usage(`there are no images of ${quote(channels)} channels`, "--channels 1 for grey, 3 for colours");
  const hasText = [tokenizer, tokens, text, vocabulary].some((value) => value !== undefined);
  return {
    data,
    ...given({
      labels: flags["labels"] as string,
      target: flags["target"] as string,
      task: oneOf(flags, "task", ["classification", "regression"]),
      limit: flags["limit"] as number,
      features: flags["features"] as string[],
      categories: oneOf(flags, "categories", ["one-hot", "ordinal"]),
      missing: oneOf(flags, "missing", ["refuse", "fill", "nan", "drop"]),
      delimiter: flags["delimiter"] as string,
      image:
        resize === undefined && channels === undefined
          ? undefined
          : given({ resize: width === undefined ? undefined : { width, height: height! }, channels: channels as 1 | 3 }),
      text: hasText
        ? given({
            tokenizer: tokenizer as string,
            length: tokens as number,
            fields: text as string[],
            vocabulary: vocabulary as number,
          })
        : undefined,
    }),
  };
}

/** Without what is undefined. */
const given = <Values extends object>(values: Values): { readonly [Key in keyof Values]?: NonNullable<Values[Key]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

function oneOf<const Word extends string>(flags: Flags, name: string, known: readonly Word[]): Word | undefined {
  const value = flags[name] as Word | undefined;
  if (value === undefined || known.includes(value)) return value;
  throw usage(`there is no ${name} ${quote(value)}`, known.map((word) => `--${name} ${word}`).join(" or "));
}
