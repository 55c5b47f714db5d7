/** Data files of this machine. */

import { open, writeFile } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { ModelkeepError } from "../../base/error/index.ts";
import type {} from "./errors.ts";
import { writeNpy, readNpy } from "./npy/npy.ts";
import type { WritableTensor } from "./npy/npy.ts";
import { openNpz } from "./npy/npz.ts";
import type { NpzArchive } from "./npy/npz.ts";
import { place, tooLarge } from "./refuse.ts";
import type { RandomSource } from "./table/random-source.ts";
import type { ByteSource } from "./table/source.ts";
import type { DataTensor } from "./tensor.ts";

/** Limits of reading a whole file into memory. */
export interface FileLimits {
  /** Largest file, in bytes; 4 GiB. */
  readonly maxBytes?: number;
}

/**
 * The bytes of a regular file.
 * @throws data/no-file, data/too-large
 */
export async function readDataFile(path: string, { maxBytes = 2 ** 32 }: FileLimits = {}): Promise<Uint8Array> {
  const handle = await openRegular(path);
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) {
      throw tooLarge(path, `${size} bytes are more than ${maxBytes}`, "split the file, or use a format that is read in pieces");
    }
    const bytes = await handle.readFile();
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  } finally {
    await handle.close();
  }
}

async function openRegular(path: string): Promise<FileHandle> {
  const handle = await open(path).catch((cause: NodeJS.ErrnoException) => {
    throw noFile(path, cause.code === "ENOENT" ? "there is no such file" : `it cannot be opened (${cause.code})`, cause);
  });
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw noFile(path, "this is not a file");
}

function noFile(path: string, what: string, cause?: unknown): ModelkeepError {
  const hint = "check the path and its permissions";
  return new ModelkeepError("data/no-file", { message: `${place(path)}: ${what}`, hint, cause, status: 400 });
}

/**
 * The array in a .npy file.
 * @throws data/no-file, data/malformed, data/unsupported, data/too-large
 * @example
 * const x = await readNpyFile("x.npy");
 */
export async function readNpyFile(path: string, limits?: FileLimits): Promise<DataTensor> {
  return readNpy(await readDataFile(path, limits), path);
}

/**
 * The archive in a .npz file; its arrays are read when asked for.
 * @throws data/no-file, data/malformed, data/unsupported, data/too-large
 */
export async function openNpzFile(path: string, limits?: FileLimits): Promise<NpzArchive> {
  return openNpz(await readDataFile(path, limits), path);
}

/**
 * A file as a source that is read in pieces of 256 KiB, so that it may be larger than memory.
 * @example openTable(csvTable(fileSource("people.csv")), { target: "income" });
 */
export function fileSource(path: string): ByteSource {
  return {
    name: path,
    async *chunks() {
      const handle = await openRegular(path);
      try {
        for (;;) {
          const { buffer, bytesRead } = await handle.read(new Uint8Array(262_144));
          if (bytesRead === 0) return;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await handle.close();
      }
    },
  };
}

/**
 * A file as a source that is read at any place. Its caller closes it.
 * @throws data/no-file
 */
export async function openRandomSource(path: string): Promise<RandomSource & { close(): Promise<void> }> {
  const handle = await openRegular(path);
  const { size } = await handle.stat();
  return {
    name: path,
    sizeBytes: size,
    async read(start, end) {
      const wanted = new Uint8Array(Math.max(0, Math.min(end, size) - start));
      let length = 0;
      while (length < wanted.length) {
        const { bytesRead } = await handle.read(wanted, length, wanted.length - length, start + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return wanted.subarray(0, length);
    },
    close: () => handle.close(),
  };
}

/**
 * Writes a tensor as a .npy file.
 * @throws data/unsupported, data/malformed, data/no-file when the place cannot be written
 */
export async function writeNpyFile(path: string, tensor: WritableTensor): Promise<void> {
  await writeFile(path, writeNpy(tensor, path)).catch((cause: NodeJS.ErrnoException) => {
    throw noFile(path, `it cannot be written (${cause.code})`, cause);
  });
}
