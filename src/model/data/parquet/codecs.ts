/** Decompression that never makes more than a page may hold: the sizes in a file are a stranger's word. */

import type { Compressors } from "hyparquet";
import type * as Codecs from "hyparquet-compressors";
import { isModelkeepError } from "../../../base/error/index.ts";
import { unpackLz4Block } from "../arrow/lz4.ts";
import { malformed, tooLarge } from "../refuse.ts";

/** Writers make pages of about 1 MiB; a dictionary page may be larger. */
const maxPageBytes = 2 ** 28;

/** The library's codecs, each held to the size that the page declares. */
export function boundedCodecs(library: typeof Codecs, name: string): Compressors {
  const codecs: Compressors = {
    ...library.compressors,
    // hyparquet-compressors 1.1.2 refuses blocks that end in literals after a long match, as pyarrow writes them.
    LZ4_RAW: unpackLz4Block,
    // Into a buffer of the declared size, which the decoder cannot outgrow.
    ZSTD: (input, length) => library.decompressZstd(input, new Uint8Array(length)),
  };
  return Object.fromEntries(
    Object.entries(codecs).map(([codec, unpack]) => [
      codec,
      (input: Uint8Array, length: number): Uint8Array => {
        if (!(length >= 0 && length <= maxPageBytes)) {
          throw tooLarge(name, `a page of ${length} bytes is more than ${maxPageBytes}`, "write smaller pages");
        }
        try {
          const found = unpack(input, length);
          if (found.length === length) return found;
          throw malformed(name, `a page expands to ${found.length} bytes, and declares ${length}`);
        } catch (cause) {
          if (isModelkeepError(cause)) throw cause;
          throw malformed(
            name,
            `a page packed by ${codec} is damaged (${cause instanceof Error ? cause.message.slice(0, 80) : codec})`,
          );
        }
      },
    ]),
  );
}
