import { statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { ModelkeepError, quote } from "../../../base/error/index.ts";
import type {} from "../errors.ts";

const maxKeyBytes = 8 << 20;

/** @throws `api/no-such-file` */
export function mustExist(path: string): void {
  try {
    statSync(path);
  } catch (cause) {
    throw noFile(path, cause);
  }
}

/** A small file that a flag names: a key, certificates. */
export async function fileAt(path: string): Promise<Uint8Array> {
  try {
    const { size } = statSync(path);
    if (size <= maxKeyBytes) return await readFile(path);
  } catch (cause) {
    throw noFile(path, cause);
  }
  throw noFile(path, new Error("it is too large"));
}

/** What a system call refused, told with the path it was about. */
export function noFile(path: string, cause: unknown): ModelkeepError {
  const why = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
  return new ModelkeepError("api/no-such-file", {
    message: `${quote(path, 160)} cannot be read: ${why}`,
    hint: "give the path of a file or folder that this user may read",
    exit: 4,
    cause,
  });
}

/** A predicate. @throws `api/no-such-file` */
export function jsonOf(bytes: Uint8Array, path: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new ModelkeepError("api/no-such-file", {
      message: `${quote(path, 160)} is no JSON`,
      hint: "a predicate is a JSON document: what `syft -o cyclonedx-json` or a build service writes",
      exit: 4,
      cause,
    });
  }
}
