import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isModelkeepError } from "../../../base/error/index.ts";
import { systemClock } from "../../../base/port/index.ts";
import type { Clock } from "../../../base/port/index.ts";
import { version } from "../../../base/port/index.node.ts";
import { aboutModel, checkLocation, costOf } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import { hashModel } from "../../../posture/sign/index.node.ts";
import { modelBom } from "../../report/index.ts";
import type { Bom, ModelBomFacts, ModelCard } from "../../report/index.ts";
import { readModelAt } from "../model/read-file.ts";
import { mustExist } from "../sign/files.ts";
import type { TrustRequest } from "../sign/verify-path.ts";
import { readAssessment } from "./assessment-card.ts";
import { runtimeHere } from "./runtime.ts";
import { signatureCardOf } from "./signature-card.ts";
import { trainingCardOf } from "./training-card.ts";

export interface BomRequest {
  /** An ONNX file, or a folder with a model in it. */
  readonly path: string;
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  /** What it is for, in the field's words, where the graph does not tell. */
  readonly task?: string | undefined;
  /** `result.json` of an assessment of this very file. */
  readonly assessment?: string | undefined;
  readonly signature?: string | undefined;
  readonly trust?: TrustRequest | undefined;
  readonly clock?: Clock;
}

/**
 * The ML-BOM of a file or folder.
 * @throws `api/no-such-file`, `api/bad-data`, what reading a model and checking a signature throw
 * @example
 * JSON.stringify(await bomOfPath({ path: "digits.onnx" }));
 */
export async function bomOfPath(request: BomRequest): Promise<Bom> {
  mustExist(request.path);
  const { clock = systemClock } = request;
  const made = { runtime: runtimeHere(), toolVersion: version, timestamp: new Date(clock.now()).toISOString() };
  const facts = (await stat(request.path)).isDirectory() ? await folderFacts(request) : await fileFacts(request);
  return modelBom({ ...facts, ...made });
}

type Facts = Pick<ModelBomFacts, "models" | "files" | "folder">;

async function fileFacts({ path, signature, trust, ...asked }: BomRequest): Promise<Facts> {
  const { card, external } = await cardAt(path);
  const files = external.map((location) => ({ path: location, digest: digestAt(join(dirname(path), location)) }));
  const named = { ...card, name: asked.name ?? card.name, version: asked.version, task: asked.task };
  const models = await withAssessment(
    [{ ...named, signature: await signatureCardOf({ path, signature, trust }) }],
    asked.assessment,
  );
  return { models, files };
}

async function folderFacts({ path, name, version: asked, task, signature, trust, assessment }: BomRequest): Promise<Facts> {
  const hashed = hashModel({ path, signature });
  const graphs = hashed.resources.filter((one) => one.path.endsWith(".onnx"));
  const models: ModelCard[] = [];
  for (const one of graphs) models.push({ ...(await cardAt(join(path, one.path))).card, name: one.path, version: asked, task });
  const files = hashed.resources
    .filter((one) => !graphs.includes(one))
    .map((one) => ({ path: one.path, digest: `sha256:${one.digest}` }));
  const folder = {
    name: name ?? basename(resolve(path)),
    rootDigest: hashed.digest,
    architecture: await checkpointArchitecture(join(path, "config.json")),
    signature: await signatureCardOf({ path, signature, trust }),
  };
  return { models: await withAssessment(models, assessment), files, folder };
}

/** The assessment goes to the one model that it is about. */
async function withAssessment(models: readonly ModelCard[], path: string | undefined): Promise<readonly ModelCard[]> {
  if (path === undefined) return models;
  const { digest, card } = await readAssessment(
    path,
    models.map((one) => one.digest),
  );
  return models.map((one) => (one.digest === digest ? { ...one, assessments: [card] } : one));
}

async function cardAt(path: string): Promise<{ readonly card: ModelCard; readonly external: readonly string[] }> {
  const { model, digest, sizeBytes } = await readModelAt(path);
  const about = aboutModel(model);
  about.external.forEach(checkLocation); // what leads out of the folder is no part of a model
  const parameters = parametersOf(model, about.external);
  const training = trainingCardOf(about.metadata);
  const card = { name: basename(path), digest, sizeBytes, about, parameters, training, assessments: [] };
  return { card, external: about.external };
}

function digestAt(path: string): string {
  mustExist(path);
  return `sha256:${hashModel({ path }).resources[0]!.digest}`;
}

/** Undefined for a model whose cost is not acceptable: `inspect` says why. */
function parametersOf(model: Model, external: readonly string[]): number | undefined {
  try {
    return costOf(model, { externalData: new Map(external.map((location) => [location, { digest: "" }])) }).parameters;
  } catch (error) {
    if (isModelkeepError(error)) return undefined;
    throw error;
  }
}

/** A checkpoint of transformers says what it is in `config.json`. Untrusted: only names are taken. */
async function checkpointArchitecture(path: string): Promise<string | undefined> {
  try {
    const { architectures, model_type: kind } = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
    const named = Array.isArray(architectures) ? (architectures[0] as unknown) : kind;
    return typeof named === "string" && /^[\w.-]{1,100}$/.test(named) ? named : undefined;
  } catch {
    return undefined; // no such file, or one of another kind
  }
}
