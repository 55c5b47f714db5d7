/** The examples of a training: those that are learnt from, and those that are only looked at. */
import type { IndexedDataset } from "../../../model/data/index.node.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { digestOfSet, holdOut, openSet } from "./open-set.ts";
import type { DataRequest } from "./open-set.ts";
import type { TrainingRecord } from "./record.ts";
import { asTokens } from "./text.ts";
import type { ChosenText } from "./tokenizer-source.ts";

interface SetsRequest extends DataRequest {
  /** A share of the data, or data of its own. */
  readonly validation?: number | string | undefined;
  readonly seed: number;
}

/** @throws what reading the data throws, and `api/bad-data` */
export async function openSets(request: SetsRequest) {
  const { set, reading } = await openSet(request, "train");
  const { validation, seed } = request;
  if (validation === undefined) return { data: set, reading };
  if (typeof validation === "number") {
    const { train: data, validation: held } = holdOut(set, validation, seed);
    return { data, validation: held, reading };
  }
  const other = await openSet({ ...request, data: validation, labels: undefined, limit: undefined }, "test", reading);
  return { data: set, validation: other.set, reading };
}

interface Sets {
  readonly data: IndexedDataset;
  readonly validation?: IndexedDataset;
}

/** The examples as the model takes them. */
export function seenBy(model: Model, { data, validation }: Sets, text: ChosenText | undefined) {
  if (text === undefined) return validation === undefined ? { data } : { data, validation };
  const { set, ...inputs } = asTokens(model, data, text);
  const seen = { data: set, ...inputs };
  return validation === undefined ? seen : { ...seen, validation: asTokens(model, validation, text).set };
}

/** What a record says of data. */
export const aboutSet = async (set: IndexedDataset): Promise<TrainingRecord["data"]> => ({
  name: set.name,
  n: set.size,
  digest: await digestOfSet(set),
});
