import { maxNesting, maxValues } from "../node.ts";
import type { DuplicateKey } from "../node.ts";

/**
 * A document being read. Between two parts of a block `at` stands at the first character of a line that says something and `indent` is
 * its column; -1 where the document is over.
 */
export interface QuickReading {
  readonly text: string;
  at: number;
  indent: number;
  /** Values of this document so far. */
  values: number;
  /** True where a comment was passed over; whoever wants to know clears it first. */
  commented: boolean;
  /** Where the last value stands that is not written. */
  lastEmpty: number;
  readonly path: (string | number)[];
  duplicates: DuplicateKey[];
}

/** Thrown, and never seen outside: the text is for the reader that knows all of YAML. */
export const declined = new Error("not for the quick reader");

/** Gives the text up. */
export function decline(): never {
  throw declined;
}

/** Counts a value; past the limits the full reader has the word. */
export function enter(reading: QuickReading): void {
  if (++reading.values > maxValues || reading.path.length > maxNesting) decline();
}

export const [newline, space, quote, hash, apostrophe] = [0x0a, 0x20, 0x22, 0x23, 0x27] as const;
export const [comma, dash, dot, colon] = [0x2c, 0x2d, 0x2e, 0x3a] as const;
export const [openList, closeList, openMap, closeMap] = [0x5b, 0x5d, 0x7b, 0x7d] as const;
export const [bar, greater] = [0x7c, 0x3e] as const;

/** True for a space, a newline and the end of the text (NaN). */
export function isBlank(code: number): boolean {
  return code === space || code === newline || code !== code;
}

/** Characters no plain scalar begins with; a dash may, a `?` or `:` may where no space follows and is left to the full reader. */
const indicators = new Set(Array.from("?:,[]{}#&*!|>'\"%@`", (character) => character.charCodeAt(0)));

/** @throws where a character can begin no plain scalar that is read here */
export function beginPlain(code: number): void {
  if (code !== code || indicators.has(code)) decline();
}

/** Offset of the first character from `at` that is no space. */
export function skipSpaces(text: string, at: number): number {
  let next = at;
  while (text.charCodeAt(next) === space) next++;
  return next;
}

/** True at `--- ` and `... ` where a line begins. */
function isMarker(text: string, at: number): boolean {
  const three = text.startsWith("---", at) || text.startsWith("...", at);
  return three && isBlank(text.charCodeAt(at + 3));
}

/** From the start of a line to the first line that says something, over comments and empty lines. */
export function nextContent(reading: QuickReading): void {
  const { text } = reading;
  for (let line = reading.at; ;) {
    const at = skipSpaces(text, line);
    const code = text.charCodeAt(at);
    if (code === newline) line = at + 1;
    else if (code === hash) line = afterLine(reading, at);
    else {
      reading.at = at;
      reading.indent = code !== code || (at === line && isMarker(text, at)) ? -1 : at - line;
      return;
    }
  }
}

/** From the end of a value to the next line; nothing but a comment may follow on this one. */
export function endLine(reading: QuickReading): void {
  const { text, at } = reading;
  const rest = skipSpaces(text, at);
  const code = text.charCodeAt(rest);
  if (code === newline) reading.at = rest + 1;
  else if (code !== code) reading.at = rest;
  else if (code === hash && rest > at) reading.at = afterLine(reading, rest);
  else decline();
}

function afterLine(reading: QuickReading, comment: number): number {
  reading.commented = true;
  const end = reading.text.indexOf("\n", comment);
  return end < 0 ? reading.text.length : end + 1;
}
