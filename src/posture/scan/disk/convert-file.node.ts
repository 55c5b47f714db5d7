import { randomUUID } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { convertWeights } from "../convert/convert.ts";
import { openFile } from "./file-source.node.ts";

export interface ConvertedFile {
  readonly tensors: readonly { readonly name: string; readonly dtype: string; readonly shape: readonly number[] }[];
  readonly sizeBytes: number;
}

/**
 * Converts a file of weights into a new safetensors file, which is there whole or not at all.
 * @throws what `convertWeights` throws, `scan/changed`, NodeJS.ErrnoException (`EEXIST` when the file is there and `replace` is not set)
 */
export function convertFile(from: string, to: string, { replace = false } = {}): ConvertedFile {
  const file = openFile(from, { follow: true });
  const temporary = `${to}.${randomUUID()}.new`;
  try {
    const { tensors, chunks } = convertWeights(file.source, from);
    let sizeBytes = 0;
    const descriptor = openSync(temporary, "wx", 0o644);
    try {
      for (const chunk of chunks()) {
        for (let at = 0; at < chunk.length;) at += writeSync(descriptor, chunk, at);
        sizeBytes += chunk.length;
      }
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    file.checkUnchanged();
    if (replace) renameSync(temporary, to);
    else linkSync(temporary, to); // fails when the name is taken, in one step
    return { tensors: tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape })), sizeBytes };
  } finally {
    rmSync(temporary, { force: true });
    file.close();
  }
}
