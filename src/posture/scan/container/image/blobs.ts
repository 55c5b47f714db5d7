import { copyOf, partOf } from "../../bytes/source.ts";
import type { ByteSource } from "../../bytes/source.ts";
import type { Member } from "../../define.ts";
import type { FolderSource } from "../../engine/folder.ts";
import { isRegular, readTar } from "../../tar/read.ts";
import { restOf } from "../../engine/rest.ts";
import { malformed } from "../../refuse.ts";

/** The files of a saved image, in a folder or in an archive: relative paths with `/`. */
export interface Blobs {
  readonly names: readonly string[];
  open(path: string): ByteSource | undefined;
  /** What stands behind the end of an archive. */
  readonly rest?: readonly Member[];
}

export function blobsInFolder(folder: FolderSource): Blobs {
  return { names: folder.list(100_000), open: (path) => folder.open(path) };
}

/** Names as `docker load` and `podman load` read them: `./index.json` is `index.json`. The last of two members with one name counts. */
export function blobsInTar(source: ByteSource, maxMembers: number): Blobs {
  const { entries, broken, end } = readTar(source, maxMembers);
  if (broken !== undefined) throw malformed(broken);
  const files = new Map(
    entries.filter(({ type }) => isRegular(type)).map((entry) => [entry.name.replace(/^(?:\.\/)+/, ""), entry]),
  );
  // `docker save` of old wrote a layer that two images share once, and a link to it.
  for (const { name, type, link } of entries) {
    const target = files.get(link.replace(/^(?:\.\.?\/)+/, ""));
    if ((type === "1" || type === "2") && target !== undefined && !files.has(name)) files.set(name, target);
  }
  return {
    names: [...files.keys()],
    rest: restOf(source, end),
    open(path) {
      const entry = files.get(path);
      return entry === undefined ? undefined : partOf(source, entry.data, entry.sizeBytes);
    },
  };
}

const maxJsonBytes = 4 << 20;

/** @throws scan/malformed where there is no such file, it is too large, or no JSON object or list */
export function readJson(blobs: Blobs, path: string): unknown {
  const source = blobs.open(path);
  if (source === undefined) throw malformed(`${path} is missing`);
  if (source.sizeBytes > maxJsonBytes)
    throw malformed(`${path} has ${source.sizeBytes} bytes, and a manifest has at most ${maxJsonBytes}`);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(copyOf(source, 0, source.sizeBytes)));
  } catch {
    throw malformed(`${path} is no JSON`);
  }
}
