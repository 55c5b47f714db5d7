/** JSON as Python reads it. */

import { malformed } from "../refuse.ts";

/** `json.detect_encoding`: bytes of a document may be UTF-8, UTF-16 or UTF-32, told by a mark or by where the zeros are. */
export function decodeJson(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes;
  const isWide =
    (a === 0 && b === 0) || (a !== 0 && b === 0 && c === 0 && d === 0) || (a === 0xff && b === 0xfe && c === 0 && d === 0);
  if (bytes.length >= 4 && isWide) throw malformed("it is written in UTF-32, which nothing honest does");
  if ((a === 0xff && b === 0xfe) || (a !== 0 && b === 0)) return new TextDecoder("utf-16le").decode(bytes);
  if ((a === 0xfe && b === 0xff) || (a === 0 && b !== 0)) return new TextDecoder("utf-16be").decode(bytes);
  return new TextDecoder().decode(bytes);
}

/** With `NaN` and `Infinity`, which Python writes and reads. Undefined when it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    try {
      return JSON.parse(text.replaceAll(/([:,[]\s*)(?:NaN|-?Infinity)(?=\s*[,\]}])/g, "$1null"));
    } catch {
      return undefined;
    }
  }
}

/** Offsets where an object might begin: a brace and, behind spaces, a quote. */
const start = /\{[ \t\r\n]*"/g;

/** What JSON cannot hold outside of an escape. */
// oxlint-disable-next-line no-control-regex
const impossible = /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g;

/**
 * JSON objects in text of other things, outermost first, each with its parsed tree; `tree` is undefined for text that goes on like JSON and
 * never ends.
 */
export function* objectsInText(text: string): Generator<{ readonly at: number; readonly text: string; readonly tree: unknown }> {
  start.lastIndex = 0;
  for (let match = start.exec(text); match !== null; match = start.exec(text)) {
    impossible.lastIndex = match.index;
    const limit = impossible.exec(text)?.index ?? text.length;
    const end = closing(text, match.index, limit);
    const whole = text.slice(match.index, end ?? limit);
    yield { at: match.index, text: whole, tree: end === undefined ? undefined : parseJson(whole) };
    // Inside text that is JSON as far as it goes there is nothing to find a second time.
    start.lastIndex = Math.max(start.lastIndex, end ?? limit);
  }
}

/** Behind the brace that closes the one at `from`. */
function closing(text: string, from: number, limit: number): number | undefined {
  let [depth, inString] = [0, false];
  for (let at = from; at < limit; at++) {
    const char = text[at];
    if (inString) {
      if (char === "\\") at++;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return at + 1;
  }
  return undefined;
}
