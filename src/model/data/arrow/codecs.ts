/** Decompression for `apache-arrow`, which brings none. */

import type * as Arrow from "apache-arrow";
import type { Codec } from "apache-arrow";
import type * as Codecs from "hyparquet-compressors";
import { unpackLz4Frame } from "./lz4.ts";

const maxBufferBytes = 2 ** 30;

/** Registers LZ4 and Zstandard. The registry is the library's own, one for the process; setting the same codecs again changes nothing. */
export function useCodecs(arrow: typeof Arrow, { decompressZstd }: typeof Codecs): void {
  const { compressionRegistry, CompressionType } = arrow;
  compressionRegistry.set(CompressionType.LZ4_FRAME, bounded(unpackLz4Frame));
  compressionRegistry.set(
    CompressionType.ZSTD,
    bounded((input, sizeBytes) => decompressZstd(input, new Uint8Array(sizeBytes))),
  );
}

function bounded(unpack: (input: Uint8Array, sizeBytes: number) => Uint8Array): Codec {
  return {
    decode(input) {
      // The eight bytes before a compressed buffer are its real length (Arrow's `BodyCompression`); the library passes what follows them.
      const size = Number(new DataView(input.buffer, input.byteOffset - 8, 8).getBigInt64(0, true));
      if (!(size >= 0 && size <= maxBufferBytes))
        throw new RangeError(`a buffer of ${size} bytes is more than ${maxBufferBytes}`);
      return unpack(input, size);
    },
  };
}
