import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath } from "node:fs/promises";
import { basename, dirname, join, sep } from "node:path";
import { formatDigest } from "../../../base/crypto/index.node.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { checkLocation, externalLocations, foreignFile, loadExternal, readModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";

export interface ModelFile {
  readonly model: Model;
  readonly sizeBytes: number;
  /** `sha256:<hex>` of the file. */
  readonly digest: string;
}

/**
 * A model file that a command was pointed at; weights that it keeps in other files stay there.
 *
 * @throws `api/no-such-file`, `onnx/not-onnx` with the lines that export what it is, and what `readModel` throws
 */
export async function readModelAt(path: string): Promise<ModelFile> {
  const { bytes, model } = await readFirst(path);
  return { model, sizeBytes: bytes.length, digest: digestOfAll([bytes]) };
}

/**
 * A model file with the weights that it keeps in files beside it, as exporters write them (`model.onnx.data`). Its digest is then that of all
 * these bytes one after another, the others in the order of their names: what `cat model.onnx model.onnx.data | sha256sum` says.
 *
 * @throws `onnx/external-data` when a place is no plain path or its file is too short · `api/no-such-file` when a file is not there or leads out of the
 * model's folder, and what {@link readModelAt} throws
 */
export async function readWholeModelAt(path: string): Promise<ModelFile> {
  const { bytes, model } = await readFirst(path);
  const beside = new Map<string, Uint8Array>();
  const names = [...externalLocations(model)].sort();
  for (const name of names) checkLocation(name);
  for (const name of names) beside.set(name, await readBeside(path, name));
  const all = [bytes, ...beside.values()];
  return {
    model: beside.size === 0 ? model : loadExternal(model, (location) => beside.get(location)),
    sizeBytes: all.reduce((sum, { length }) => sum + length, 0),
    digest: digestOfAll(all),
  };
}

async function readFirst(path: string): Promise<{ readonly bytes: Uint8Array; readonly model: Model }> {
  const bytes = await readRegular(path);
  foreignFile(bytes, basename(path));
  return { bytes, model: readModel(bytes) };
}

/** INVARIANT: a model never has a file read that lies outside its own folder, also not by a link. */
async function readBeside(path: string, name: string): Promise<Uint8Array> {
  const place = join(dirname(path), name);
  const [folder, real] = await Promise.all([realpath(dirname(path)), realpath(place)]).catch(cannotRead(place));
  if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return readRegular(real);
  throw new ModelkeepError("api/no-such-file", {
    message: `${quote(name, 160)}, where the model keeps weights, leads out of the model's folder`,
    hint: "copy the file itself beside the model",
    exit: 4,
  });
}

async function readRegular(path: string): Promise<Uint8Array> {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch(cannotRead(path));
  try {
    if (!(await file.stat()).isFile()) throw unreadable(path, "it is not a regular file");
    return new Uint8Array(await file.readFile().catch(cannotRead(path)));
  } finally {
    await file.close();
  }
}

const cannotRead =
  (path: string) =>
  (cause: NodeJS.ErrnoException): never => {
    throw unreadable(path, cause.code ?? quote(cause.message), cause);
  };

const unreadable = (path: string, reason: string, cause?: unknown): ModelkeepError =>
  new ModelkeepError("api/no-such-file", {
    message: `${quote(path, 160)} cannot be read: ${reason}`,
    hint: "give the path of a file that this user may read",
    exit: 4,
    ...(cause === undefined ? {} : { cause }),
  });

function digestOfAll(parts: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return formatDigest(new Uint8Array(hash.digest()));
}
