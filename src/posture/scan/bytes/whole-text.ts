import { copyOf } from "./source.ts";
import type { ByteSource } from "./source.ts";
import { refused } from "../refuse.ts";

/** All bytes of a document. @throws scan/refused when it is longer than a document may be */
export function wholeDocument(source: ByteSource, maxBytes: number): Uint8Array {
  if (source.sizeBytes > maxBytes) throw refused(`it has ${source.sizeBytes} bytes, more than a document is read to`);
  return copyOf(source, 0, source.sizeBytes);
}
