import { Decompress } from "fzstd";
import { isModelkeepError } from "../../../../base/error/index.ts";
import { bytesSource, copyOf } from "../../bytes/source.ts";
import type { ByteSource } from "../../bytes/source.ts";
import type { ScanContext } from "../../engine/context.ts";
import { memoryScratch } from "../../engine/scratch.ts";
import { unpackBzip2 } from "../../unpack/bzip2.ts";
import { Draining } from "../../unpack/draining.ts";
import { inflateGzipInto } from "../../unpack/inflate.ts";
import { unpackXz } from "../../unpack/xz.ts";

export interface UnpackedLayer {
  readonly source: ByteSource;
  /** Why it broke off; what came before still counts. */
  readonly broken: string | undefined;
}

/**
 * A layer as the tar archive that it is, whatever its media type says: gzip, zstd, xz, bzip2 or plain. Unpacked bytes go to scratch, so a
 * layer of many gigabytes costs no memory.
 * @throws scan/refused
 */
export function unpackLayer(source: ByteSource, context: ScanContext): UnpackedLayer {
  const head = source.read(0, 6).slice();
  const is = (...magic: readonly number[]): boolean => magic.every((byte, i) => head[i] === byte);
  if (is(0x1f, 0x8b)) return throughScratch(context, (out) => inflateGzipInto(source, out).broken);
  if (is(0x28, 0xb5, 0x2f, 0xfd)) return throughScratch(context, (out) => unzstd(source, out));
  if (is(0x42, 0x5a, 0x68)) return throughScratch(context, (out) => unpackBzip2(source, out).broken);
  if (is(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0)) {
    const { allowance } = context.budget;
    const { bytes, broken } = unpackXz(copyOf(source, 0, Math.min(source.sizeBytes, allowance)), allowance);
    context.budget.spend(bytes.length);
    return { source: bytesSource(bytes), broken };
  }
  return { source, broken: undefined };
}

function throughScratch(context: ScanContext, unpack: (out: Draining) => string | undefined): UnpackedLayer {
  const { limits, scratch = memoryScratch(limits.maxUnpackedBytes), budget } = context;
  const file = scratch.create();
  const out = new Draining(budget.remaining, (bytes) => file.write(bytes));
  const broken = unpack(out);
  out.drain();
  budget.spend(out.total);
  return { source: file.source(), broken };
}

function unzstd(source: ByteSource, out: Draining): string | undefined {
  const append = (bytes: Uint8Array): void => {
    for (let at = 0; at < bytes.length; at += 1 << 16) out.append(bytes.subarray(at, at + (1 << 16)));
  };
  try {
    const stream = new Decompress(append);
    for (let at = 0; at < source.sizeBytes; at += 1 << 16) {
      stream.push(source.read(at, 1 << 16).slice(), at + (1 << 16) >= source.sizeBytes);
    }
    return undefined;
  } catch (error) {
    if (isModelkeepError(error)) throw error;
    return error instanceof Error ? error.message : "it is damaged";
  }
}
