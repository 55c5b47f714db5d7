import { define } from "../node.ts";
import type { YamlNode, YamlPair } from "../node.ts";
import { readBlockScalar } from "./block-scalar.ts";
import { readFlow } from "./flow.ts";
import { longestKey, noteDuplicate } from "./keys.ts";
import { plainValue } from "./plain-value.ts";
import { readQuoted } from "./quoted.ts";
import {
  apostrophe,
  bar,
  beginPlain,
  colon,
  dash,
  decline,
  endLine,
  enter,
  greater,
  hash,
  isBlank,
  newline,
  nextContent,
  openList,
  openMap,
  quote,
  skipSpaces,
  space,
} from "./reading.ts";
import type { QuickReading } from "./reading.ts";

/** The mapping or list that begins at `at`; it is over where a line is indented less. */
export function readBlock(reading: QuickReading): YamlNode {
  return isItem(reading) ? readList(reading, reading.indent) : readMap(reading, reading.indent);
}

function isItem({ text, at }: QuickReading): boolean {
  return text.charCodeAt(at) === dash && isBlank(text.charCodeAt(at + 1));
}

function readList(reading: QuickReading, indent: number): YamlNode {
  const start = reading.at;
  const value: unknown[] = [];
  const items: YamlNode[] = [];
  do {
    reading.at++;
    reading.path.push(items.length);
    const item = readValue(reading, { indent, inMap: false });
    reading.path.pop();
    items.push(item);
    value.push(item.value);
  } while (reading.indent === indent && isItem(reading));
  if (reading.indent > indent) decline();
  return { kind: "list", value, start, end: items.at(-1)!.end, flow: false, items, anchored: false };
}

function readMap(reading: QuickReading, indent: number): YamlNode {
  const start = reading.at;
  const value: Record<string, unknown> = {};
  const pairs: YamlPair[] = [];
  do {
    const keyStart = reading.at;
    const name = readKey(reading);
    const keyEnd = reading.at++;
    noteDuplicate(reading, { fields: value, name, keyStart });
    reading.path.push(name);
    const node = readValue(reading, { indent, inMap: true });
    reading.path.pop();
    define(value, name, node.value);
    pairs.push({ name, keyStart, keyEnd, keyShared: false, value: node });
  } while (reading.indent === indent);
  if (reading.indent > indent) decline();
  return { kind: "map", value, start, end: pairs.at(-1)!.value!.end, flow: false, pairs, anchored: false };
}

/** A key up to its colon, which a space or the end of the line must follow. */
function readKey(reading: QuickReading): string {
  const { text, at } = reading;
  const code = text.charCodeAt(at);
  const quoted = code === quote || code === apostrophe;
  const name = quoted ? readQuoted(reading) : readPlain(reading);
  const isKey = text.charCodeAt(reading.at) === colon && isBlank(text.charCodeAt(reading.at + 1));
  if (!isKey || reading.at - at > longestKey || (!quoted && (name === "<<" || code === dash))) decline();
  return name;
}

interface Around {
  readonly indent: number;
  readonly inMap: boolean;
}

/** What follows `:` or `-`, up to the next line that says something. */
function readValue(reading: QuickReading, { indent, inMap }: Around): YamlNode {
  enter(reading);
  const { text, at } = reading;
  const start = skipSpaces(text, at);
  const code = text.charCodeAt(start);
  if (code === newline || code === hash || code !== code) return readBelow(reading, { indent, inMap, start });
  reading.at = start;
  if (code === bar || code === greater) return thenNext(reading, readBlockScalar(reading, indent));
  if (code === openMap || code === openList) {
    const node = readFlow(reading, indent + 1);
    endLine(reading);
    return thenNext(reading, node);
  }
  const quoted = code === quote || code === apostrophe;
  if (code === dash && isBlank(text.charCodeAt(start + 1))) decline();
  const value = quoted ? readQuoted(reading) : readPlain(reading);
  if (text.charCodeAt(reading.at) === colon) {
    if (inMap) decline();
    // `- key: value`: the mapping is indented as far as its first key.
    reading.at = start;
    return readMap(reading, indent + 1 + start - at);
  }
  const end = reading.at;
  endLine(reading);
  return thenNext(reading, { kind: "scalar", value: quoted ? value : plainValue(value), start, end, anchored: false });
}

function thenNext(reading: QuickReading, node: YamlNode): YamlNode {
  nextContent(reading);
  return node;
}

/** A mapping or list on the lines below, or nothing at all; the items of a mapping's list may stand under its key. */
function readBelow(reading: QuickReading, { indent, inMap, start }: Around & { readonly start: number }): YamlNode {
  endLine(reading);
  nextContent(reading);
  if (reading.indent > indent) return readBlock(reading);
  if (inMap && reading.indent === indent && isItem(reading)) return readList(reading, indent);
  reading.lastEmpty = start;
  return { kind: "scalar", value: null, start, end: start, anchored: false };
}

/** A plain scalar on one line; a key ends at its colon. */
function readPlain(reading: QuickReading): string {
  const { text, at: start } = reading;
  beginPlain(text.charCodeAt(start));
  let end = start + 1;
  for (let at = end; ; at++) {
    const code = text.charCodeAt(at);
    if (code === space) continue;
    if (code === newline || code !== code) break;
    if (code === hash && text.charCodeAt(at - 1) === space) break;
    if (code === colon && isBlank(text.charCodeAt(at + 1))) {
      // `a : 1` keeps a space between the key and its colon.
      if (end !== at) decline();
      break;
    }
    end = at + 1;
  }
  reading.at = end;
  return text.slice(start, end);
}
