import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { digestOf, nativeSha256 } from "../../../base/crypto/index.node.ts";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import { foreignFile, readModel } from "../../../model/onnx/index.ts";
import type { Model } from "../../../model/onnx/index.ts";
import type {} from "../errors.ts";

export interface ModelFile {
  readonly model: Model;
  readonly sizeBytes: number;
  /** `sha256:<hex>` of the file. */
  readonly digest: string;
}

/**
 * A model file that a command was pointed at.
 *
 * @throws `api/no-such-file`, `onnx/not-onnx` with the lines that export what it is, and what `readModel` throws
 */
export async function readModelAt(path: string): Promise<ModelFile> {
  const bytes = new Uint8Array(
    await readFile(path).catch((cause: NodeJS.ErrnoException) => {
      throw new ModelkeepError("api/no-such-file", {
        message: `${quote(path, 160)} cannot be read: ${cause.code ?? quote(cause.message)}`,
        hint: "give the path of a file that this user may read",
        exit: 4,
        cause,
      });
    }),
  );
  foreignFile(bytes, basename(path));
  return {
    model: readModel(bytes),
    sizeBytes: bytes.length,
    digest: digestOf(bytes, nativeSha256),
  };
}
