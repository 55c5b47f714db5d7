import { define } from "../node.ts";
import type { YamlNode, YamlPair } from "../node.ts";
import { plainValue } from "./plain-value.ts";
import { readQuoted } from "./quoted.ts";
import {
  apostrophe,
  beginPlain,
  closeList,
  closeMap,
  colon,
  comma,
  dash,
  decline,
  dot,
  enter,
  hash,
  isBlank,
  newline,
  openList,
  openMap,
  quote,
  space,
} from "./reading.ts";
import type { QuickReading } from "./reading.ts";
import { noteDuplicate, longestKey } from "./keys.ts";

/**
 * `{…}` or `[…]` at `at`, which is left behind the closing bracket. Lines after the first must be indented by `least`.
 * What only YAML allows (keys alone, pairs in lists, scalars over several lines) is declined.
 */
export function readFlow(reading: QuickReading, least: number): YamlNode {
  return reading.text.charCodeAt(reading.at) === openMap ? readMap(reading, least) : readList(reading, least);
}

function readList(reading: QuickReading, least: number): YamlNode {
  const start = reading.at++;
  const value: unknown[] = [];
  const items: YamlNode[] = [];
  while (!isClosed(reading, closeList, least)) {
    reading.path.push(items.length);
    const item = readValue(reading, least);
    reading.path.pop();
    items.push(item);
    value.push(item.value);
    endItem(reading, closeList, least);
  }
  return { kind: "list", value, start, end: ++reading.at, flow: true, items, anchored: false };
}

function readMap(reading: QuickReading, least: number): YamlNode {
  const start = reading.at++;
  const value: Record<string, unknown> = {};
  const pairs: YamlPair[] = [];
  while (!isClosed(reading, closeMap, least)) {
    const keyStart = reading.at;
    const name = readKey(reading);
    const keyEnd = reading.at++;
    noteDuplicate(reading, { fields: value, name, keyStart });
    skip(reading, least);
    reading.path.push(name);
    const item = readValue(reading, least);
    reading.path.pop();
    define(value, name, item.value);
    pairs.push({ name, keyStart, keyEnd, keyShared: false, value: item });
    endItem(reading, closeMap, least);
  }
  return { kind: "map", value, start, end: ++reading.at, flow: true, pairs, anchored: false };
}

function isClosed(reading: QuickReading, close: number, least: number): boolean {
  skip(reading, least);
  return reading.text.charCodeAt(reading.at) === close;
}

function endItem(reading: QuickReading, close: number, least: number): void {
  skip(reading, least);
  const code = reading.text.charCodeAt(reading.at);
  if (code === comma) reading.at++;
  else if (code !== close) decline();
}

/** A key up to its colon, which must be followed by a space unless the key is quoted. */
function readKey(reading: QuickReading): string {
  const { text, at } = reading;
  const code = text.charCodeAt(at);
  const quoted = code === quote || code === apostrophe;
  const name = quoted ? readQuoted(reading) : readPlain(reading);
  if (text.charCodeAt(reading.at) !== colon || reading.at - at > longestKey) decline();
  if (!quoted && (name === "<<" || !isBlank(text.charCodeAt(reading.at + 1)))) decline();
  return name;
}

function readValue(reading: QuickReading, least: number): YamlNode {
  enter(reading);
  const start = reading.at;
  const code = reading.text.charCodeAt(start);
  if (code === openMap || code === openList) return readFlow(reading, least);
  const value = code === quote || code === apostrophe ? readQuoted(reading) : plainValue(readPlain(reading));
  return { kind: "scalar", value, start, end: reading.at, anchored: false };
}

function isIndicator(code: number): boolean {
  return code === comma || code === openMap || code === closeMap || code === openList || code === closeList;
}

function readPlain(reading: QuickReading): string {
  const { text, at: start } = reading;
  const first = text.charCodeAt(start);
  beginPlain(first);
  const second = text.charCodeAt(start + 1);
  if (first === dash && (isBlank(second) || isIndicator(second))) decline();
  let end = start + 1;
  for (let at = end; ; at++) {
    const code = text.charCodeAt(at);
    if (code === space) continue;
    if (code === newline || code !== code || isIndicator(code)) break;
    if (code === hash && text.charCodeAt(at - 1) === space) break;
    if (code === colon) {
      const next = text.charCodeAt(at + 1);
      if (isBlank(next) || isIndicator(next)) break;
    }
    end = at + 1;
  }
  reading.at = end;
  return text.slice(start, end);
}

/** Over spaces, newlines and comments. */
function skip(reading: QuickReading, least: number): void {
  const { text } = reading;
  let line = -1;
  for (let at = reading.at; ; at++) {
    const code = text.charCodeAt(at);
    if (code === space) continue;
    if (code === newline) line = at + 1;
    else if (code === hash) {
      if (!isBlank(text.charCodeAt(at - 1))) decline();
      at = text.indexOf("\n", at) - 1;
      if (at < 0) decline();
    } else {
      const begins = line >= 0 && at - line < least;
      if (begins || (at === line && (code === dash || code === dot))) decline();
      reading.at = at;
      return;
    }
  }
}
