import type { Probe } from "../define.ts";
import type { ByteSource } from "../bytes/source.ts";

const headBytes = 64 * 1024;

/** A look at the beginning of a file. */
export function probeOf(source: ByteSource, name: string): Probe {
  const head = source.read(0, headBytes).slice();
  let text: string | undefined;
  let isText: boolean | undefined;
  return {
    name,
    sizeBytes: source.sizeBytes,
    head,
    source,
    get text() {
      return (text ??= latin1(head));
    },
    get isText() {
      return (isText ??= looksLikeText(head));
    },
  };
}

const utf16 = new TextDecoder("utf-16le");

/** Bytes as characters of the same number. Widened to UTF-16 first, which is native: twenty times faster than a call with many arguments. */
export function latin1(bytes: Uint8Array): string {
  return utf16.decode(new Uint16Array(bytes));
}

function looksLikeText(head: Uint8Array): boolean {
  // A last letter may be cut in two by the end of the window.
  const whole = head.length < headBytes ? head : head.subarray(0, headBytes - 4);
  for (const byte of whole) if (byte < 0x20 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13) return false;
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(whole, { stream: head.length === headBytes });
    return true;
  } catch {
    return false;
  }
}
