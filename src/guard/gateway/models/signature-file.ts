import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { stampOf } from "./stamp.ts";

/** No model that is served has so many files. */
const maxSignatureBytes = 1 << 26;

/**
 * Where a model's signature lies: beside the file, or for the folder that it stands in or the one above (a folder of versions).
 * Undefined when there is none.
 */
export async function findSignature(path: string, configured?: string): Promise<string | undefined> {
  for (const candidate of placesOf(path, configured)) {
    const stats = await stat(candidate).catch(() => undefined);
    if (stats?.isFile() === true) return candidate;
  }
  return undefined;
}

/** Changes when the model's signature does: a signature that comes late lets in the model that waited for it. */
export async function signatureStamp(path: string, configured?: string): Promise<string> {
  const found = await findSignature(path, configured);
  const stats = found === undefined ? undefined : await stat(found, { bigint: true }).catch(() => undefined);
  return stats === undefined ? "" : `:${stampOf(stats)}`;
}

function placesOf(path: string, configured: string | undefined): string[] {
  if (configured !== undefined) return [configured];
  const folder = dirname(path);
  const plain = path.endsWith(".age") ? [`${path.slice(0, -".age".length)}.sig`] : [];
  return [`${path}.sig`, ...plain, join(folder, "model.sig"), join(dirname(folder), "model.sig")];
}

/** What a manifest may call a file: by its place under the signature, by its name, or as the one file that there is. */
export function namesFrom(signature: string, path: string): string[] {
  const place = relative(dirname(resolve(signature)), resolve(path))
    .split(sep)
    .join("/");
  return [place, basename(path), "."];
}

/** The bundle, never more than one may have. A file that is larger is cut, and so is no bundle. */
export async function readSignatureFile(path: string): Promise<Uint8Array> {
  const { size } = await stat(path);
  return size > maxSignatureBytes ? new Uint8Array() : readFile(path);
}
