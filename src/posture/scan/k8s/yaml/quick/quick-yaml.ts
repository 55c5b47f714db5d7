/**
 * YAML as manifests are written: block and flow mappings and lists, scalars on one line, block scalars, comments, documents. It answers
 * as the `yaml` package does or not at all: anchors, aliases, tags, merge keys, directives, tabs, scalars over several lines, errors and
 * whatever else is doubtful are declined.
 */
import type { YamlDocument, YamlNode } from "../node.ts";
import { readBlock } from "./block.ts";
import { readFlow } from "./flow.ts";
import { decline, declined, endLine, enter, nextContent, openList, openMap, skipSpaces } from "./reading.ts";
import type { QuickReading } from "./reading.ts";

/** Tabs, carriage returns, byte order marks and other characters that have rules of their own. */
// oxlint-disable-next-line no-control-regex
const unusual = /[\0-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff]/;

/** The documents of a text, or undefined where the text is for the full reader. */
export function readQuickly(text: string): YamlDocument[] | undefined {
  if (unusual.test(text)) return undefined;
  try {
    return readDocuments(text);
  } catch (error) {
    if (error === declined) return undefined;
    throw error;
  }
}

function readDocuments(text: string): YamlDocument[] {
  const documents: YamlDocument[] = [];
  let reading = fresh(text, 0);
  let start = 0;
  nextContent(reading);
  while (reading.at < text.length) {
    const { root, end } = readDocument(reading);
    const last = reading.at >= text.length;
    const span = [start, last ? text.length : end] as const;
    documents.push({ value: root.value, root, anchors: none, duplicates: reading.duplicates, shares: false, span });
    start = end;
    reading = { ...fresh(text, reading.at), indent: reading.indent };
  }
  return documents;
}

const none: ReadonlyMap<string, YamlNode> = new Map();

function fresh(text: string, at: number): QuickReading {
  return { text, at, indent: 0, values: 0, commented: false, lastEmpty: -1, path: [], duplicates: [] };
}

interface Found {
  readonly root: YamlNode;
  /** Where the next document begins, as the `yaml` package counts. */
  readonly end: number;
}

/** From the marker or the first line of a document to the next marker or the end of the text. */
function readDocument(reading: QuickReading): Found {
  enter(reading);
  const { text } = reading;
  if (reading.indent < 0) {
    if (!text.startsWith("---", reading.at)) decline();
    reading.at = skipSpaces(text, reading.at + 3);
    const empty = reading.at;
    // A comment needs the space before it that was passed over.
    if (text.charCodeAt(empty - 1) === 0x20) reading.at--;
    endLine(reading);
    nextContent(reading);
    if (reading.indent < 0) {
      const root = { kind: "scalar", value: null, start: empty, end: empty, anchored: false } as const;
      return { root, end: reading.commented ? reading.at : empty };
    }
  }
  const code = text.charCodeAt(reading.at);
  const root = code === openMap || code === openList ? readRootFlow(reading) : readRootBlock(reading);
  if (reading.indent >= 0) decline();
  return { root, end: reading.at };
}

function readRootFlow(reading: QuickReading): YamlNode {
  const root = readFlow(reading, 0);
  endLine(reading);
  const { at } = reading;
  nextContent(reading);
  // Empty lines and comments between documents belong to neither or either.
  if (reading.at < reading.text.length && reading.at !== at) decline();
  return root;
}

function readRootBlock(reading: QuickReading): YamlNode {
  if (reading.indent > 0) decline();
  const root = readBlock(reading);
  // A document that ends with an empty field ends right there.
  if (reading.at < reading.text.length && root.end === reading.lastEmpty) decline();
  return root;
}
