/** The training record: what a model learnt from and how, inside the model's own file. */
import { createRequire } from "node:module";
import { version } from "../../../base/port/index.node.ts";
import type { TableSchema } from "../../../model/data/index.node.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type { EpochRecord, Settings, TrainResult } from "../../../model/train/index.node.ts";

/** Under this name in the file's metadata, as JSON. */
const recordKey = "modelkeep.training";

/** What stands there. INVARIANT: nothing of the machine or the hour, so that the same training gives the same bytes. */
export interface TrainingRecord {
  readonly version: 1;
  readonly data: { readonly name: string; readonly n: number; readonly digest: string };
  readonly validation?: { readonly name: string; readonly n: number; readonly digest: string };
  /** Digest of the file that training began with, and whether its weights were thrown away. */
  readonly from: { readonly digest: string; readonly scratch: boolean | readonly string[] };
  readonly recipe: Settings;
  readonly epochs: number;
  readonly bestEpoch: number | null;
  readonly last: EpochRecord | null;
  /** What a table's columns mean. */
  readonly schema?: TableSchema;
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

/** The model with its record. */
export const withRecord = (model: Model, record: TrainingRecord): Model => ({
  ...model,
  metadata: new Map([...model.metadata, [recordKey, JSON.stringify(record)]]),
});

/** The schema that a model learnt with, if its record names one. The file may come from anywhere: what is no schema is not one. */
export function schemaOf(model: Model): TableSchema | undefined {
  try {
    const { schema } = JSON.parse(model.metadata.get(recordKey) ?? "{}") as Partial<TrainingRecord>;
    return Array.isArray(schema?.columns) ? schema : undefined;
  } catch {
    return undefined;
  }
}
