/** Data for training and evaluation, in memory, with what must be remembered of it. */
import { nativeSha256 } from "../../../base/crypto/index.node.ts";
import { ModelkeepError } from "../../../base/error/index.ts";
import {
  digestOfData,
  inferSchema,
  isIndexed,
  limit,
  openData,
  rowsByClass,
  split,
  tableAt,
} from "../../../model/data/index.node.ts";
import type { IndexedDataset, TableSchema } from "../../../model/data/index.node.ts";
import type {} from "../errors.ts";

/** What a person says about data. */
export interface DataRequest {
  readonly data: string;
  readonly target?: string | undefined;
  readonly task?: "classification" | "regression" | undefined;
  readonly labels?: string | undefined;
  readonly limit?: number | undefined;
}

/** Data, and for a table what its columns mean: a model that learnt from it must be asked in the same words. */
export interface OpenedSet {
  readonly set: IndexedDataset;
  readonly schema: TableSchema | undefined;
}

/** @throws `api/bad-data`, and what the data's format throws */
export async function openSet(request: DataRequest, part: "train" | "test", known?: TableSchema): Promise<OpenedSet> {
  const { data, target, task, labels } = request;
  const table = tableAt(data);
  const schema =
    table === undefined
      ? undefined
      : (known ??
        (await inferSchema(table, { ...(target === undefined ? {} : { target }), ...(task === undefined ? {} : { task }) })));
  const opened = await openData(data, {
    part,
    ...(target === undefined ? {} : { target }),
    ...(labels === undefined ? {} : { labels }),
    ...(schema === undefined ? {} : { schema }),
  });
  const whole = isIndexed(opened) ? opened : await opened.load();
  return { set: request.limit === undefined ? whole : limit(whole, request.limit), schema };
}

/** `sha256:…` of the examples, whatever files they came from. */
export const digestOfSet = (set: IndexedDataset): Promise<string> => digestOfData(set, { hash: nativeSha256 });

/**
 * A share of the data that is not learnt from; each class in the same share where every class has enough examples.
 * @throws `api/bad-data`
 */
export function holdOut(
  set: IndexedDataset,
  share: number,
  seed: number,
): { readonly train: IndexedDataset; readonly validation: IndexedDataset } {
  if (!(share > 0 && share < 1) || Math.round(set.size * share) < 1 || Math.round(set.size * share) >= set.size) {
    throw new ModelkeepError("api/bad-data", {
      message: `a validation share of ${share} of ${set.size} examples leaves one side empty`,
      hint: "--validation 0.1 keeps a tenth of the examples apart",
      exit: 4,
      status: 400,
    });
  }
  const parts = { train: 1 - share, validation: share };
  const target = set.fields.find(({ name }) => name === set.target);
  const isClasses = target !== undefined && target.dims.length === 0 && !/^(?:float|complex)/.test(target.type);
  const stratify = isClasses && [...rowsByClass(set).values()].every((rows) => rows.length >= 2);
  return split(set, { parts, seed, stratify });
}
