/** The training record: what a model learnt from and how, inside the model's own file. */
import { createRequire } from "node:module";
import { version } from "../../../base/port/index.node.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { EpochRecord, Settings, TrainResult } from "../../../model/train/index.node.ts";
import { recordKey } from "../record-key.ts";
import type { Reading } from "./open-set.ts";
import { textEntries } from "./remembered-text.ts";
import type { ChosenText, TextReading } from "./tokenizer-source.ts";

/** What stands there. INVARIANT: nothing of the machine or the hour, so that the same training gives the same bytes. */
export interface TrainingRecord extends Reading {
  readonly version: 1;
  readonly data: { readonly name: string; readonly n: number; readonly digest: string };
  readonly validation?: { readonly name: string; readonly n: number; readonly digest: string };
  /** Digest of the file that training began with, and whether its weights were thrown away. */
  readonly from: { readonly digest: string; readonly scratch: boolean | readonly string[] };
  readonly recipe: Settings;
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly last: EpochRecord | null;
  /** What was changed of the graph before: `batch-norm=group-norm`, and whether columns are brought to one size inside it. */
  readonly replaced?: readonly string[];
  readonly standardized?: true;
  readonly text?: TextReading;
  readonly versions: { readonly modelkeep: string; readonly onnxruntime: string };
}

/** The part of a record that the result tells. */
export const outcomeOf = ({ settings, history, bestEpoch }: TrainResult) => ({
  recipe: settings,
  epochs: history.length,
  bestEpoch: bestEpoch ?? null,
  last: history.at(-1) ?? null,
});

/** What made the result. */
export function versionsHere(): TrainingRecord["versions"] {
  const { version: onnxruntime } = createRequire(import.meta.url)("onnxruntime-node/package.json") as { version: string };
  return { modelkeep: version, onnxruntime };
}

/** The model with its record, and the tokeniser that it learnt with. */
export function withRecord(model: Model, record: TrainingRecord, text?: ChosenText): Model {
  const others = [...model.metadata].filter(([key]) => key !== recordKey && !key.startsWith("modelkeep.tokenizer."));
  const entries = text === undefined ? [] : textEntries(text.source);
  return { ...model, metadata: new Map([...others, [recordKey, JSON.stringify(record)], ...entries]) };
}

/** How a model's data was read, if its record says so. The file may come from anywhere: what is of another form is not there. */
export function readingOf(model: Model): Reading & { readonly text?: TextReading } {
  let record: Partial<TrainingRecord> | null;
  try {
    record = JSON.parse(model.metadata.get(recordKey) ?? "{}") as Partial<TrainingRecord> | null;
  } catch {
    return {};
  }
  const { schema, image, classes, text } = record ?? {};
  const isNames = (value: unknown): boolean => Array.isArray(value) && value.every((name) => typeof name === "string");
  const isText =
    ["byte", "words", "vocab.txt", "tokenizer.json"].includes(text?.tokenizer?.form ?? "") &&
    Number.isSafeInteger(text?.length) &&
    typeof text?.tokenizer.name === "string" &&
    (text.fields === undefined || isNames(text.fields));
  return {
    ...(schema !== undefined && Array.isArray(schema?.columns) ? { schema } : {}),
    ...(typeof image === "object" && image !== null ? { image } : {}),
    ...(classes !== undefined && isNames(classes) ? { classes } : {}),
    ...(text !== undefined && isText ? { text } : {}),
  };
}
