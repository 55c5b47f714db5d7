import { copyOf, partOf } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { malformed, refused } from "../refuse.ts";
import { unpackBzip2 } from "../unpack/bzip2.ts";
import { Growing } from "../unpack/growing.ts";
import { inflateRaw } from "../unpack/inflate.ts";
import { Lzma, LzmaBroken, unpackLzma2 } from "../unpack/lzma.ts";
import { isFilter, unfilter } from "./filters.ts";
import { HeaderReader, readArchive, readStreams } from "./header.ts";
import type { Folder, SevenZip } from "./header.ts";

/** @throws scan/malformed, scan/refused */
export function readSevenZip(source: ByteSource, limit: number): SevenZip {
  const start = copyOf(source, 0, 32);
  const view = new DataView(start.buffer);
  let [offset, length] = [Number(view.getBigUint64(12, true)), Number(view.getBigUint64(20, true))];
  if (length === 0) return { folders: [], names: [], hasData: [] };
  if (length > 1 << 26) throw refused("its header has more than 64 MiB");
  let header = copyOf(source, 32 + offset, length);
  for (let depth = 0; header[0] === 0x17; depth++) {
    if (depth === 4) throw refused("its header is packed more than four times");
    const reader = new HeaderReader(header.subarray(1));
    const [folder] = readStreams(reader);
    if (folder === undefined) throw malformed("its packed header is empty");
    header = unpackFolder(source, folder, Math.min(limit, 1 << 26));
    [offset, length] = [0, header.length];
  }
  if (header[0] !== 1) throw malformed("its header is none");
  return readArchive(new HeaderReader(header.subarray(1)));
}

/** @throws scan/malformed, scan/refused */
export function unpackFolder(source: ByteSource, { coders, offset, packedBytes, sizeBytes }: Folder, limit: number): Uint8Array {
  const [coder, ...others] = coders.filter((one) => !isFilter(one));
  if (coder === undefined || others.length > 0) throw refused("it is packed by a chain of methods, or encrypted");
  if (sizeBytes > limit) throw refused(`it unpacks to more than ${limit} bytes`);
  const data = partOf(source, offset, packedBytes);
  const out = new Growing(limit);
  try {
    if (coder.id === "00") out.append(copyOf(data, 0, packedBytes));
    else if (coder.id === "21") unpackLzma2(copyOf(data, 0, packedBytes), 0, out);
    else if (coder.id === "030101") {
      const lzma = new Lzma(out);
      lzma.setProperties(coder.properties[0] ?? 255);
      lzma.decode(copyOf(data, 0, packedBytes), 0, { end: packedBytes, size: sizeBytes });
    } else if (coder.id === "040202") unpackBzip2(data, out);
    else if (coder.id === "040108") inflateRaw(data, 0, out);
    else throw refused(`it is packed by method ${coder.id}, which is not read here`);
  } catch (error) {
    if (!(error instanceof LzmaBroken)) throw error;
    if (out.length === 0) throw malformed(`its packed data is damaged: ${error.message}`);
  }
  const bytes = out.done();
  for (const filter of coders.filter(isFilter)) unfilter(filter, bytes);
  return bytes;
}
