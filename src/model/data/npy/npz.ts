/** .npz archives: a ZIP of .npy files, as `np.savez` and `np.savez_compressed` write them. */

import { ModelkeepError, nearest, quote } from "../../../base/error/index.ts";
import { place, unsupported } from "../refuse.ts";
import type { DataTensor } from "../tensor.ts";
import type { ZipLimits } from "../zip/directory.ts";
import { readDirectory } from "../zip/directory.ts";
import { readEntryBytes, writeZip } from "../zip/zip.ts";
import type { WritableTensor } from "./npy.ts";
import { readNpy, writeNpy } from "./npy.ts";

/** An archive whose arrays are read when asked for. */
export interface NpzArchive {
  /** Names as in `np.savez(path, x=…, y=…)`, in the order of the archive. */
  readonly names: readonly string[];
  /** @throws data/unknown-name, data/malformed, data/unsupported, data/too-large */
  read(name: string): Promise<DataTensor>;
}

/**
 * Opens an archive; its directory is read and checked at once: entries that overlap, sizes that cannot be, too many bytes.
 *
 * @param file how messages name the bytes
 * @throws data/malformed, data/unsupported, data/too-large
 * @example
 * const archive = openNpz(await readFile("digits.npz"), "digits.npz");
 * const x = await archive.read("x");
 */
export function openNpz(bytes: Uint8Array, file = "arrays.npz", limits: ZipLimits = {}): NpzArchive {
  const entries = new Map(
    readDirectory(bytes, file, limits).map((entry) => {
      if (!entry.name.endsWith(".npy")) {
        throw unsupported(file, `its entry ${quote(entry.name)} is no array`, "write the archive with `np.savez`");
      }
      return [entry.name.slice(0, -".npy".length), entry];
    }),
  );
  const names = [...entries.keys()];
  return {
    names,
    async read(name) {
      const entry = entries.get(name);
      if (entry === undefined) throw noArray(name, names, file);
      return readNpy(await readEntryBytes(bytes, entry, file), `${file}/${entry.name}`);
    },
  };
}

function noArray(name: string, names: readonly string[], file: string): ModelkeepError {
  const near = nearest(name, names);
  const all = names.slice(0, 8).map((known) => quote(known));
  return new ModelkeepError("data/unknown-name", {
    message: `${place(file)}: it has no array ${quote(name)}`,
    hint: near === undefined ? `it has ${all.length === 0 ? "none" : all.join(", ")}` : `did you mean ${quote(near)}?`,
    status: 400,
  });
}

/**
 * Tensors as an archive that `np.load` reads. Stored arrays lie aligned, so that reading them again copies nothing; the same
 * tensors give the same bytes.
 *
 * @throws data/unsupported, data/malformed, data/too-large
 */
export async function writeNpz(
  tensors: Iterable<readonly [name: string, tensor: WritableTensor]>,
  options: { readonly file?: string; readonly compress?: boolean } = {},
): Promise<Uint8Array> {
  const { file = "arrays.npz", compress = false } = options;
  const entries = Array.from(tensors, ([name, tensor]) => [`${name}.npy`, writeNpy(tensor, `${file}/${name}.npy`)] as const);
  return writeZip(entries, { file, compress });
}
