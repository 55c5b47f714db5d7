/**
 * What PyPI's model-signing 0.2 signed instead of the pre-authentication encoding: it wrote Python's `repr` of the payload into it. Some
 * published models carry such signatures; none is made any more.
 */

import { utf8 } from "../../../base/crypto/index.ts";
import { inTotoPayload } from "../envelope/dsse.ts";

/** The predicate type of that version, whose files stood among the subjects. */
export const legacyPredicateType = "https://model_signing/Digests/v0.1";

/** That version signed lists of files; a longer text is none of them. */
const maxLegacyBytes = 1 << 22;

/** The message that was signed, or undefined for a payload that such a bundle never held. */
export function legacyEncoding(payloadType: string, payload: Uint8Array): Uint8Array | undefined {
  if (payloadType !== inTotoPayload || payload.length > maxLegacyBytes) return undefined;
  return utf8(`DSSEV1 ${payloadType.length} ${payloadType} ${payload.length} ${bytesRepr(payload)}`);
}

/** `repr(bytes)` of CPython: double quotes around only when there are single ones inside and no double ones. */
function bytesRepr(bytes: Uint8Array): string {
  const quote = bytes.includes(0x27) && !bytes.includes(0x22) ? '"' : "'";
  let text = `b${quote}`;
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    if (char === quote || char === "\\") text += `\\${char}`;
    else if (byte === 9) text += "\\t";
    else if (byte === 10) text += "\\n";
    else if (byte === 13) text += "\\r";
    else if (byte < 0x20 || byte >= 0x7f) text += `\\x${byte.toString(16).padStart(2, "0")}`;
    else text += char;
  }
  return text + quote;
}
