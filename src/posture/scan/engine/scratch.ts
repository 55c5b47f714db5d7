import { createSha256 } from "../../../base/crypto/index.ts";
import { bytesSource } from "../bytes/source.ts";
import type { ByteSource } from "../bytes/source.ts";
import { Growing } from "../unpack/growing.ts";

/** A file that is written from its beginning to its end, then read anywhere. */
export interface ScratchFile {
  write(bytes: Uint8Array): void;
  source(): ByteSource;
}

/** What the machine lends a scan: room for what is too large for memory, and a fast hash. */
export interface Scratch {
  create(): ScratchFile;
  sha256(): { update(bytes: Uint8Array): void; digest(): Uint8Array };
}

/** In memory, and in plain JavaScript: for bytes that were in memory to begin with. */
export function memoryScratch(limit: number): Scratch {
  return {
    create() {
      const out = new Growing(limit);
      return { write: (bytes) => out.append(bytes), source: () => bytesSource(out.done()) };
    },
    sha256: createSha256,
  };
}
