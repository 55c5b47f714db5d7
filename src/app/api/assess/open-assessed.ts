/** What is assessed: a file whose inside is at hand, or an address that only answers. */
import { basename } from "node:path";
import { readSecret } from "../../../base/config/index.node.ts";
import { quote } from "../../../base/error/index.ts";
import { openRemoteTarget } from "../../../lab/attack/index.node.ts";
import { openSubject, openTaskSubject, remoteSubject } from "../../../lab/assess/index.ts";
import type { Subject } from "../../../lab/assess/index.ts";
import { openSession } from "../../../model/runtime/index.node.ts";
import { readWholeModelAt } from "../model/read-file.ts";
import type { ModelFile } from "../model/read-file.ts";
import type { Reading } from "../train/open-set.ts";
import { readingOf } from "../train/record.ts";
import { badData } from "../train/refuse.ts";
import type { AssessData } from "./data.ts";
import type { AssessRequest } from "./request.ts";
import { taskOf } from "./task.ts";

/** What an address may be asked where nothing was said: a server bills, limits and bans. */
const defaultQueries = 5000;

export interface Assessed {
  readonly subject: Subject;
  /** Of the file; nobody knows it of an address. */
  readonly digest?: string;
  /** Questions in all, where they cost something. */
  readonly queries?: number;
}

/** What there is to assess, before any data is read: mistakes in its name or its key are told at once. */
export type Found =
  | { readonly kind: "file"; readonly file: ModelFile; readonly reading: Reading }
  | { readonly kind: "address"; readonly address: string; readonly secret: string | undefined; readonly reading: Reading };

/** @throws api/no-such-file · api/bad-data · config/bad-secret */
export async function findAssessed({ model, key, queries, task = "classification" }: AssessRequest): Promise<Found> {
  if (isAddress(model) && task !== "classification")
    throw badData(`${task} is assessed on a file: over the wire a model's class scores are asked for`, "give the ONNX file");
  if (isAddress(model)) {
    const address = addressOf(model);
    return { kind: "address", address, secret: key === undefined ? undefined : await readSecret(key), reading: {} };
  }
  if (key !== undefined || queries !== undefined) {
    throw badData("--key and --queries are for a model that is served", "a file is asked for nothing: leave them out");
  }
  const file = await readWholeModelAt(model);
  const { text, ...reading } = readingOf(file.model);
  if (text === undefined) return { kind: "file", file, reading };
  throw badData(
    `${quote(model, 160)} reads text in tokens (its record says ${quote(text.tokenizer.form)}), and attacks change numbers`,
    "assess a model of images or tables; `examples/spam` attacks a filter through the mails themselves",
  );
}

/** @throws attack/unsupported-model · attack/unreachable · attack/refused · api/bad-data */
export async function openAssessed(found: Found, request: AssessRequest, data: AssessData): Promise<Assessed> {
  const { model, queries, output } = request;
  if (found.kind === "file") {
    const { file } = found;
    const asked = taskOf(request);
    const name = basename(model);
    const subject =
      asked === undefined
        ? await openSubject(openSession, file.model, { name, output, rowDims: data.dims, examples: data.x })
        : await openTaskSubject(openSession, file.model, { ...asked, truth: data.truth!, outputs: output?.split(","), name });
    return { subject, digest: file.digest };
  }
  const wide = data.labels.reduce((most, label) => Math.max(most, label), 0) + 1;
  const target = await openRemoteTarget(found.address, {
    ...(found.secret === undefined ? {} : { key: found.secret }),
    ...(output === undefined ? {} : { output }),
    rowDims: data.dims,
    // Servers that leave the number of classes open are held to the labels that they are asked about.
    fallbackClasses: wide,
  });
  const asked = queries ?? defaultQueries;
  if (asked <= data.labels.length) {
    throw badData(
      `${asked} questions are too few for ${data.labels.length} examples: each is asked once before any attack`,
      "give more with --queries, or fewer examples with --limit",
    );
  }
  return { subject: remoteSubject(target), queries: asked };
}

export const isAddress = (model: string): boolean => /^https?:\/\//i.test(model);

/** The address without what a person may have left in it: a secret in an address would be in every report. */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") {
    throw badData(
      `${quote(text.replace(/\/\/[^/]*@/, "//…@").replace(/[?#].*/, ""), 160)} is no address of a model`,
      "for example https://host/v2/models/digits, with the key in a file: --key file:PATH",
    );
  }
  return url.href;
}
