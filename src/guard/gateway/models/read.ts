import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { digestOf, nativeSha256 } from "../../../base/crypto/index.node.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "./errors.ts";
import { stampOf } from "./stamp.ts";

/** Protocol buffers, and so ONNX, end at 2 GiB. */
export const maxModelBytes = 2 ** 31 - 1;

export interface ModelFile {
  readonly bytes: Uint8Array;
  /** `sha256:<hex>` of `bytes`. */
  readonly digest: string;
  /** The file as it lies on disk, when it is sealed and `bytes` are what was in it. */
  readonly sealed?: { readonly bytes: Uint8Array; readonly digest: string };
}

/**
 * The file's bytes, read once through one descriptor: what is hashed is what is checked is what is loaded, whatever happens to
 * the path meanwhile.
 *
 * @throws `models/not-found`, `models/not-a-file`, `models/too-large`, `models/unsettled`
 */
export async function readModelFile(path: string, maxBytes = maxModelBytes): Promise<ModelFile> {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: NodeJS.ErrnoException) => {
    throw refusal(
      "models/not-found",
      `cannot open ${quote(path, 160)}: ${cause.code}`,
      "check that this user may read it",
      cause,
    );
  });
  try {
    return await readWhole(file, path, maxBytes);
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, path: string, maxBytes: number): Promise<ModelFile> {
  const before = await file.stat({ bigint: true });
  if (!before.isFile())
    throw refusal("models/not-a-file", `${quote(path, 160)} is not a regular file`, "give the path of an .onnx file");
  if (before.size > BigInt(maxBytes)) {
    throw refusal(
      "models/too-large",
      `${quote(path, 160)} has ${before.size} bytes, more than ${maxBytes}`,
      "ONNX files end at 2 GiB",
    );
  }
  const bytes = new Uint8Array(Number(before.size));
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await file.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  const after = await file.stat({ bigint: true });
  if (at !== bytes.length || stampOf(after) !== stampOf(before)) {
    throw refusal(
      "models/unsettled",
      `${quote(path, 160)} changed while it was read`,
      "write to another name and rename it when it is whole",
    );
  }
  return { bytes, digest: digestOf(bytes, nativeSha256) };
}

/**
 * The files that a model may read besides its own, each as listed with its digest. Names are relative to the model's folder and stay
 * in it; ONNX Runtime never opens them itself.
 *
 * @throws `models/bad-external-data`
 */
export async function readExternalData(
  modelPath: string,
  listed: Readonly<Record<string, string>>,
  open: (path: string, file: ModelFile) => Promise<ModelFile> = async (_, file) => file,
): Promise<ReadonlyMap<string, ModelFile>> {
  const files = new Map<string, ModelFile>();
  for (const [name, digest] of Object.entries(listed)) {
    if (isAbsolute(name) || name.split(/[\\/]/).includes("..")) {
      throw refusal(
        "models/bad-external-data",
        `external data ${quote(name)} lies outside the model's folder`,
        "copy it beside the model",
      );
    }
    const path = join(dirname(modelPath), name);
    const file = await readModelFile(path);
    if (file.digest !== digest) {
      const hint = `its digest is ${file.digest}: list that one if you trust the file`;
      throw refusal("models/bad-external-data", `external data ${quote(name)} is not the file that is listed`, hint);
    }
    files.set(name, await open(path, file));
  }
  return files;
}

type ReadCode = "models/not-found" | "models/not-a-file" | "models/too-large" | "models/unsettled" | "models/bad-external-data";

function refusal(code: ReadCode, message: string, hint: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError(code, { message, hint, cause, exit: 4 });
}
