import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { BigIntStats } from "node:fs";
import { ModelkeepError } from "../../../base/error/index.ts";
import type { ByteSource } from "../bytes/source.ts";

/** A file that is open: what is read is one file, whatever happens to its name. */
export interface OpenFile {
  readonly source: ByteSource;
  readonly facts: BigIntStats;
  /** @throws `scan/changed` when the file is not what it was at opening */
  checkUnchanged(): void;
  close(): void;
}

const windowBytes = 1 << 20;

/**
 * Opens a regular file once, by descriptor. Links are followed only when `follow` says so.
 * @throws NodeJS.ErrnoException · `scan/refused` is not thrown here: the caller looks at `facts` first
 */
export function openFile(path: string, { follow }: { readonly follow: boolean }): OpenFile {
  // O_NONBLOCK: opening a pipe that nobody writes to would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK | (follow ? 0 : constants.O_NOFOLLOW);
  return openDescriptor(openSync(path, flags));
}

/** The same over a descriptor that is open already; `close` closes it. */
export function openDescriptor(descriptor: number): OpenFile {
  const facts = fstatSync(descriptor, { bigint: true });
  return {
    source: descriptorSource(descriptor, Number(facts.size)),
    facts,
    checkUnchanged() {
      const now = fstatSync(descriptor, { bigint: true });
      if (now.size !== facts.size || now.mtimeNs !== facts.mtimeNs || now.ctimeNs !== facts.ctimeNs)
        throw changed("it was written to");
    },
    close: () => closeSync(descriptor),
  };
}

/** Small reads come from a window of a mebibyte, so that an opcode at a time costs no system call each. */
export function descriptorSource(descriptor: number, sizeBytes: number): ByteSource {
  let window: Uint8Array = new Uint8Array(0);
  let start = 0;
  const fill = (offset: number, length: number): Uint8Array => {
    const out = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const got = readSync(descriptor, out, at, length - at, offset + at);
      if (got === 0) throw changed(`it ends at byte ${offset + at}, and had ${sizeBytes}`);
      at += got;
    }
    return out;
  };
  return {
    sizeBytes,
    read(offset, wanted) {
      const length = Math.max(0, Math.min(wanted, sizeBytes - offset));
      if (length === 0) return new Uint8Array(0);
      if (offset >= start && offset + length <= start + window.length)
        return window.subarray(offset - start, offset - start + length);
      if (length > windowBytes) return fill(offset, length);
      // Windows begin at fixed places where that suffices, so that reading backwards is as cheap as forwards.
      const place = offset - (offset % windowBytes);
      start = offset + length <= place + windowBytes ? place : offset;
      window = fill(start, Math.min(windowBytes, sizeBytes - start));
      return window.subarray(offset - start, offset - start + length);
    },
  };
}

function changed(message: string): ModelkeepError {
  return new ModelkeepError("scan/changed", {
    message: `${message} while it was read`,
    hint: "write to another name and rename it when it is whole",
    status: 400,
  });
}
