/** Data for training and evaluation, in memory, with what must be remembered of how it was read. */
import { nativeSha256 } from "../../../base/crypto/index.node.ts";
import { quote } from "../../../base/error/index.ts";
import {
  digestOfData,
  inferSchema,
  isIndexed,
  limit,
  openData,
  rowsByClass,
  split,
  tableAt,
  withClasses,
} from "../../../model/data/index.node.ts";
import type { ImageOptions, IndexedDataset, InferOptions, TableSchema } from "../../../model/data/index.node.ts";
import { badData } from "./refuse.ts";
import type { TextRequest } from "./text.ts";

/** What a person says about data. */
export interface DataRequest {
  readonly data: string;
  readonly target?: string | undefined;
  readonly task?: "classification" | "regression" | undefined;
  readonly labels?: string | undefined;
  readonly limit?: number | undefined;
  /** What stands between the fields of a CSV file. */
  readonly delimiter?: string | undefined;
  /** The columns of a table that are the input; all but the target when left out. */
  readonly features?: readonly string[] | undefined;
  readonly categories?: InferOptions["categories"] | undefined;
  readonly missing?: InferOptions["missing"] | undefined;
  readonly image?: Pick<ImageOptions, "channels" | "resize"> | undefined;
  readonly text?: TextRequest | undefined;
}

/** How data was read: a model that learnt from it must be asked in the same words. */
export interface Reading {
  /** What a table's columns mean. */
  readonly schema?: TableSchema;
  readonly image?: DataRequest["image"];
  /** Names of the classes, in the order of the model's scores. */
  readonly classes?: readonly string[];
}

/** Data, and how it was read. */
export interface OpenedSet {
  readonly set: IndexedDataset;
  readonly reading: Reading;
}

/** @throws `api/bad-data`, and what the data's format throws */
export async function openSet(request: DataRequest, part: "train" | "test", known: Reading = {}): Promise<OpenedSet> {
  const schema = await schemaFor(request, known.schema);
  const image = request.image ?? known.image;
  const opened = await openData(request.data, {
    part,
    ...given(request, ["target", "labels", "delimiter"]),
    ...(schema === undefined ? {} : { schema }),
    ...(image === undefined ? {} : { image }),
  });
  const whole = isIndexed(opened) ? opened : await opened.load();
  const named = known.classes === undefined ? whole : withClasses(whole, known.classes);
  const set = request.limit === undefined ? named : limit(named, request.limit);
  const classes = set.fields.find(({ name }) => name === set.target)?.classes;
  return {
    set,
    reading: {
      ...(schema === undefined ? {} : { schema }),
      ...(image === undefined ? {} : { image }),
      ...(classes === undefined ? {} : { classes }),
    },
  };
}

/** A table's schema: the one that a model learnt with, or what its columns are; columns named as text are text. */
async function schemaFor(request: DataRequest, known: TableSchema | undefined): Promise<TableSchema | undefined> {
  const { data, target, text } = request;
  const table = tableAt(data, given(request, ["delimiter"]));
  if (table === undefined) return undefined;
  if (known !== undefined) {
    if (target === undefined || known.target === undefined || target === known.target) return known;
    throw badData(`the model learnt ${quote(known.target)}, not ${quote(target)}`, "leave --target out: the file remembers it");
  }
  const schema = await inferSchema(table, given(request, ["target", "task", "features", "categories", "missing"]));
  const texts = new Set(text?.fields);
  const columns = schema.columns.map((column) =>
    texts.has(column.name) && column.name !== target ? { name: column.name, kind: "text" as const } : column,
  );
  return { ...schema, columns };
}

/** Only what is given: an option that is undefined is not the same as none. */
function given<Key extends keyof DataRequest>(request: DataRequest, keys: readonly Key[]) {
  return Object.fromEntries(keys.flatMap((key) => (request[key] === undefined ? [] : [[key, request[key]]]))) as {
    readonly [K in Key]?: NonNullable<DataRequest[K]>;
  };
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
    throw badData(
      `a validation share of ${share} of ${set.size} examples leaves one side empty`,
      "--validation 0.1 keeps a tenth of the examples apart",
    );
  }
  const parts = { train: 1 - share, validation: share };
  const target = set.fields.find(({ name }) => name === set.target);
  const isClasses = target !== undefined && target.dims.length === 0 && !/^(?:float|complex)/.test(target.type);
  const stratify = isClasses && [...rowsByClass(set).values()].every((rows) => rows.length >= 2);
  return split(set, { parts, seed, stratify });
}
