/**
 * A ZIP archive as its two stories: the central directory, which most programs believe, and the local headers, which streaming programs
 * read. Both are read to the end, and where they part is told (APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16).
 */

import { partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { malformed } from "../refuse.ts";
import { readCentral } from "./central.ts";
import { findEnd } from "./end.ts";
import { walkLocal } from "./local.ts";

export interface ZipEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** Of the local header. */
  readonly header: number;
  /** Of the data. */
  readonly data: number;
}

export interface ZipArchive {
  readonly entries: readonly ZipEntry[];
  /** Sentences about where the archive contradicts itself. */
  readonly lies: readonly string[];
}

/** @throws scan/malformed, scan/refused */
export function readZip(source: ByteSource, maxEntries: number): ZipArchive {
  const lies: string[] = [];
  const end = findEnd(source);
  const central = end === undefined ? [] : readCentral(source, end, { maxEntries, lies });
  if (end === undefined) lies.push("it has no central directory");
  const found = new Map(central.map((entry) => [entry.header, entry]));
  const names = new Map<string, number>();
  for (const { name, header } of central) {
    const other = names.get(name);
    if (other !== undefined) lies.push(other === header ? `${name} is listed twice` : `two entries are called ${name}`);
    names.set(name, header);
  }
  const local = walkLocal(source, found, { end, maxEntries, lies });
  const entries = [...central, ...local];
  if (entries.length === 0) throw malformed("a ZIP archive without entries or directory");
  return { entries, lies };
}

/** The packed bytes. */
export function packed(source: ByteSource, entry: ZipEntry): ByteSource {
  return partOf(source, entry.data, entry.compressedBytes);
}
