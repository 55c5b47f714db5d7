/** Data by what a person types after `--data`: a name or a path. */

import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import { ModelkeepError, nearest, quote } from "../../base/error/index.ts";
import type { Column } from "./dataset/column.ts";
import { tensorColumn } from "./dataset/column.ts";
import type { IndexedDataset } from "./dataset/dataset.ts";
import { createDataset } from "./dataset/indexed.ts";
import { limit } from "./dataset/split.ts";
import type { StreamDataset } from "./dataset/stream.ts";
import { fileSource, openNpzFile, readDataFile, readNpyFile } from "./file.node.ts";
import { readClassFolder } from "./folder/class-folder.node.ts";
import { readIdx } from "./idx.ts";
import type { ImageOptions } from "./image/decode.node.ts";
import { openImageFolder } from "./image/image-folder.node.ts";
import { toInt64 } from "./integers.ts";
import { openMailFolder, openTextFolder } from "./mail/mail-folder.node.ts";
import type { Split } from "./named/named.node.ts";
import { namedSets } from "./named/named.node.ts";
import { malformed } from "./refuse.ts";
import { csvTable } from "./table/csv.ts";
import { jsonlTable } from "./table/jsonl.ts";
import type { TableOptions } from "./table/open-table.ts";
import { openTable } from "./table/open-table.ts";
import type { Table } from "./table/table.ts";
import type { DataTensor } from "./tensor.ts";
import { readTokenizerJson, readVocabulary } from "./text/tokenizer-file.ts";
import type { Tokenizer } from "./text/tokenizer.ts";
import { byteTokenizer, tokenized } from "./text/tokenizer.ts";
import { tableInWorker } from "./worker/table-in-worker.node.ts";

export interface OpenOptions extends TableOptions {
  /** Which part of a named set, and of an archive with arrays such as `x_train` and `x_test`; `train`. */
  readonly part?: Split;
  /** Only the first so many examples, in the order of the data. */
  readonly limit?: number;
  /** A file of labels beside a file of inputs (.npy, IDX): it becomes `y`, the target. */
  readonly labels?: string;
  /** Text becomes the input `x`, as tokens: `byte`, or the path of a `tokenizer.json` or `vocab.txt`; and how many of an example. */
  readonly tokens?: { readonly tokenizer: string | Tokenizer; readonly length: number; readonly fields?: readonly string[] };
  /** How images of a folder are read. */
  readonly image?: ImageOptions;
  /** What stands between the fields of a CSV file; a tab for `.tsv`, else a comma. */
  readonly delimiter?: string;
}

/**
 * A named set (`mnist`), or a file by its ending: `.npz`, `.npy`, IDX (`.idx`, `-ubyte`), two of these for inputs and labels (`x.npy,y.npy`),
 * `.csv`, `.tsv`, `.jsonl`, `.ndjson`, `.parquet`, `.arrow`, `.feather`, `.mbox`, `.eml`; or a folder of images, mails or texts with a subfolder for each class. Arrays and folders come as datasets in memory, tables as streams. The target of arrays is the option's, else the array called `y`, `label(s)` or `target(s)`;
 * whole numbers there become int64.
 *
 * @throws data/unknown-name for what is neither a name nor a known ending, data/missing-package, data/no-file, and what the formats throw
 * @example
 * const digits = await openData("mnist", { part: "test", limit: 1000 });
 */
export async function openData(what: string, options: OpenOptions = {}): Promise<IndexedDataset | StreamDataset> {
  const read = await openWhole(what, options);
  const whole =
    options.tokens === undefined
      ? read
      : tokenized(read, { ...options.tokens, tokenizer: await openTokenizer(options.tokens.tokenizer) });
  return options.limit === undefined ? whole : limit(whole as IndexedDataset, options.limit);
}

async function openWhole(what: string, options: OpenOptions): Promise<IndexedDataset | StreamDataset> {
  const named = namedSets.find(({ name }) => name === what);
  if (named !== undefined) return named.open(options.part ?? "train");
  if (statSync(what, { throwIfNoEntry: false })?.isDirectory() === true) return openFolder(what, options);
  if (/\.(?:mbox|eml)$/i.test(what))
    return openMailFolder(what, { kind: "mail", classes: [], files: [{ path: what, label: undefined }] });
  if (/\.npz$/i.test(what)) return openArchive(what, options);
  const table = tableAt(what, options);
  if (table !== undefined) return openTable(table, options);
  const [inputs, labels] = pairOf(what);
  if (labels !== undefined) return openWhole(inputs, { ...options, labels });
  if (!isArrayFile(what)) throw unknownData(what);
  const columns = [tensorColumn("x", await readArray(what))];
  if (options.labels === undefined) return createDataset(what, columns, options.target);
  return createDataset(
    what,
    [...columns, targetColumn("y", await readArray(options.labels), options.labels)],
    options.target ?? "y",
  );
}

/** A file as a table, by its ending; undefined for what is none. Its schema is inferred with `inferSchema`. */
export function tableAt(what: string, options: Pick<OpenOptions, "delimiter"> = {}): Table | undefined {
  if (/\.(?:csv|tsv)$/i.test(what)) {
    const delimiter = options.delimiter ?? (/tsv$/i.test(what) ? "\t" : ",");
    return csvTable(fileSource(what), { delimiter });
  }
  if (/\.(?:jsonl|ndjson)$/i.test(what)) return jsonlTable(fileSource(what));
  const columnar = columnarFormat(what);
  return columnar === undefined ? undefined : tableInWorker(what, columnar);
}

/** Images, mails or texts; which, their names say. */
async function openFolder(path: string, { part = "train", image = {} }: OpenOptions): Promise<IndexedDataset | StreamDataset> {
  const folder = await readClassFolder(path, part);
  if (folder.kind === "image") return openImageFolder(path, folder, image);
  return folder.kind === "mail" ? openMailFolder(path, folder) : openTextFolder(path, folder);
}

/**
 * A tokeniser by its name, `byte`, or the path of its file.
 * @throws data/no-file, data/malformed, data/unsupported
 */
export async function openTokenizer(what: string | Tokenizer): Promise<Tokenizer> {
  if (typeof what !== "string") return what;
  if (what === "byte") return byteTokenizer;
  const text = new TextDecoder().decode(await readDataFile(what, { maxBytes: 2 ** 28 }));
  return /\.txt$/i.test(what) ? readVocabulary(text, { file: what }) : readTokenizerJson(text, what);
}

/** The decoder of a columnar file, by its ending. */
function columnarFormat(path: string): "parquet" | "arrow" | undefined {
  if (/\.(?:parquet|pq)$/i.test(path)) return "parquet";
  return /\.(?:arrows?|feather|ipc)$/i.test(path) ? "arrow" : undefined;
}

/** `x.npy,y.npy`: a file of inputs and one of labels, unless a file is really called so. */
function pairOf(what: string): [inputs: string, labels?: string] {
  const comma = what.search(/(?<=\.(?:npy|idx)|-ubyte),/i);
  return comma === -1 || existsSync(what) ? [what] : [what.slice(0, comma), what.slice(comma + 1).trimStart()];
}

const isArrayFile = (path: string): boolean => /\.(?:npy|idx)$|-ubyte$/i.test(path);

async function readArray(path: string): Promise<DataTensor> {
  if (!isArrayFile(path)) throw unknownData(path);
  const tensor = /\.npy$/i.test(path) ? await readNpyFile(path) : readIdx(await readDataFile(path), path);
  if (tensor.dims.length === 0)
    throw malformed(path, "it is a single number", { hint: "the first dimension counts the examples" });
  return tensor;
}

/** What people call the array to learn. */
const targetNames = ["y", "label", "labels", "target", "targets"];

async function openArchive(path: string, { part = "train", target }: OpenOptions): Promise<IndexedDataset> {
  const archive = await openNpzFile(path);
  const isSplit = archive.names.some((name) => /_(?:train|test)$/.test(name));
  const wanted = isSplit ? archive.names.filter((name) => name.endsWith(`_${part}`)) : archive.names;
  const fields = wanted.map((name) => ({ from: name, name: isSplit ? name.slice(0, -part.length - 1) : name }));
  const learnt = target ?? targetNames.find((name) => fields.some((field) => field.name === name));
  const columns: Column[] = [];
  for (const { from, name } of fields) {
    const tensor = await archive.read(from);
    if (tensor.dims.length === 0)
      throw malformed(path, `${quote(from)} is a single number`, { hint: "the first dimension counts the examples" });
    columns.push(name === learnt ? targetColumn(name, tensor, `${path}/${from}`) : tensorColumn(name, tensor));
  }
  if (columns.length === 0) throw malformed(path, `it has no arrays to ${part === "train" ? "train" : "test"} with`);
  return createDataset(path, columns, learnt);
}

/** Class numbers as int64 of one dimension; floats (a regression) and text stay. */
function targetColumn(name: string, tensor: DataTensor, file: string): Column {
  if (/^(?:float|complex|string)/.test(tensor.type)) return tensorColumn(name, tensor);
  return tensorColumn(name, toInt64(tensor, file));
}

function unknownData(what: string): ModelkeepError {
  const near = nearest(
    basename(what),
    namedSets.map(({ name }) => name),
  );
  const names = namedSets.map(({ name }) => `\`${name}\``).join(", ");
  return new ModelkeepError("data/unknown-name", {
    message: `${quote(what, 200)} is neither a named data set nor a file of a known format`,
    hint:
      near === undefined
        ? `give ${names}, or a .npz, .npy, IDX, .csv, .tsv, .jsonl, .parquet, .arrow, .feather or .mbox file, or a folder`
        : `did you mean ${quote(near)}?`,
    status: 400,
    exit: 4,
  });
}
