/**
 * YAML as Kubernetes reads it: YAML 1.1 scalars (`yes` is true), merge keys, the last of two equal keys wins; with the places of all
 * fields, so that findings can name a line and fixes can change one word. Aliases are followed once and counted as if copied, so a
 * "billion laughs" file is refused before anything walks it.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, Node, Pair } from "yaml";
import { malformed, refused } from "../../refuse.ts";
import type { FieldPath } from "../fields.ts";

/** One document of a YAML file. */
export interface YamlDocument {
  /** The document as plain data; aliases share, `null` stays. */
  readonly value: unknown;
  /** The parser's tree, for places. */
  readonly root: Node | null;
  readonly anchors: ReadonlyMap<string, Node>;
  /** Keys that stand twice in one mapping; the last one holds. */
  readonly duplicates: readonly { readonly path: FieldPath; readonly offset: number }[];
  /** True where aliases or merge keys are used: an edit in one place would change another. */
  readonly shares: boolean;
  /** Where the document begins and ends in the text, its marker included; together the spans are the text. */
  readonly span: readonly [start: number, end: number];
}

/** A YAML file. */
export interface YamlFile {
  readonly text: string;
  readonly documents: readonly YamlDocument[];
  /** 1-based line of an offset into `text`. */
  lineAt(offset: number): number;
}

/** Longest text that is parsed: the largest bundles of custom resources are a third of this. */
export const maxYamlCharacters = 16 << 20;
const maxValues = 2_000_000;
const maxNesting = 200;

/**
 * @throws `scan/malformed` when it is no YAML, `scan/refused` for bombs, cycles and nesting
 */
export function readYaml(text: string): YamlFile {
  if (text.length > maxYamlCharacters) throw refused(`its YAML is longer than ${maxYamlCharacters} characters`);
  checkNesting(text);
  const lines = new LineCounter();
  const parsed = parse(text, lines);
  let end = 0;
  const documents = parsed.map((document, i) => {
    const [error] = document.errors;
    if (error !== undefined) {
      if (tooDeep(error)) throw refused("its YAML is nested too deeply");
      throw malformed(firstLine(error.message), `line ${lines.linePos(error.pos[0]).line}`);
    }
    const start = end;
    end = i === parsed.length - 1 ? text.length : (document.range?.[2] ?? start);
    return toDocument(document.contents as Node | null, [start, end]);
  });
  return { text, documents, lineAt: (offset) => lines.linePos(offset).line };
}

function parse(text: string, lineCounter: LineCounter): readonly Document[] {
  const options = {
    lineCounter,
    version: "1.1",
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  } as const;
  try {
    const documents = parseAllDocuments(text, options);
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    if (tooDeep(error)) throw refused("its YAML is nested too deeply");
    throw malformed(firstLine(error instanceof Error ? error.message : "no YAML"));
  }
}

/** The parser recurses, and wraps what it meets. */
function tooDeep(error: unknown): boolean {
  return error instanceof Error && /call stack/i.test(error.message);
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0]!.toLowerCase();
}

/** The parser recurses; flow brackets are what makes deep nesting cheap to write. */
function checkNesting(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0x5b || code === 0x7b) {
      if (++depth > 2_000) throw refused("its YAML is nested too deeply");
    } else if ((code === 0x5d || code === 0x7d) && depth > 0) depth--;
  }
}

interface Reading {
  readonly anchors: Map<string, Node>;
  readonly done: Map<Node, { value: unknown; size: number }>;
  readonly open: Set<Node>;
  readonly duplicates: { path: FieldPath; offset: number }[];
  shares: boolean;
  size: number;
}

function toDocument(root: Node | null, span: YamlDocument["span"]): YamlDocument {
  const reading: Reading = { anchors: new Map(), done: new Map(), open: new Set(), duplicates: [], shares: false, size: 0 };
  const value = root === null ? null : read(root, [], reading);
  return { value, root, anchors: reading.anchors, duplicates: reading.duplicates, shares: reading.shares, span };
}

function read(node: Node, path: FieldPath, reading: Reading): unknown {
  if (++reading.size > maxValues) throw refused(`its YAML expands to more than ${maxValues} values`);
  if (path.length > maxNesting) throw refused(`its YAML is nested more than ${maxNesting} deep`);
  if (isAlias(node)) return follow(node.source, reading);
  if (!("anchor" in node) || node.anchor === undefined) return readOwn(node, path, reading);
  reading.anchors.set(node.anchor as string, node);
  reading.open.add(node);
  const before = reading.size;
  const value = readOwn(node, path, reading);
  reading.open.delete(node);
  reading.done.set(node, { value, size: reading.size - before });
  return value;
}

function follow(name: string, reading: Reading): unknown {
  reading.shares = true;
  const target = reading.anchors.get(name);
  if (target === undefined) throw malformed(`the alias *${name} has no anchor before it`);
  if (reading.open.has(target)) throw refused(`the alias *${name} contains itself`);
  const { value, size } = reading.done.get(target)!;
  reading.size += size;
  if (reading.size > maxValues) throw refused(`its YAML expands to more than ${maxValues} values`);
  return value;
}

function readOwn(node: Node, path: FieldPath, reading: Reading): unknown {
  if (isScalar(node)) return scalar(node.value, node.source);
  if (isSeq(node)) return node.items.map((item, i) => read(item as Node, [...path, i], reading));
  if (isMap(node)) return readMap(node.items as readonly Pair<Node, Node | null>[], path, reading);
  return null;
}

function scalar(value: unknown, source: string | undefined): unknown {
  const plain = value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return plain ? value : (source ?? String(value));
}

function readMap(pairs: readonly Pair<Node, Node | null>[], path: FieldPath, reading: Reading): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const merged: unknown[] = [];
  for (const { key, value } of pairs) {
    const name = keyText(key, reading);
    if (name === "<<" && isScalar(key) && (key.type === undefined || key.type === "PLAIN")) {
      reading.shares = true;
      const source = value === null ? null : read(value, [...path, name], reading);
      merged.push(...(Array.isArray(source) ? source : [source]));
      continue;
    }
    if (Object.hasOwn(found, name)) reading.duplicates.push({ path: [...path, name], offset: key.range?.[0] ?? 0 });
    define(found, name, value === null ? null : read(value, [...path, name], reading));
  }
  for (const source of merged) {
    if (typeof source !== "object" || source === null) continue;
    for (const [name, value] of Object.entries(source)) if (!Object.hasOwn(found, name)) define(found, name, value);
  }
  return found;
}

/** `__proto__` is a key like any other. */
function define(target: Record<string, unknown>, name: string, value: unknown): void {
  if (name === "__proto__") Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
  else target[name] = value;
}

/** Kubernetes turns keys of other types into strings. */
export function keyText(key: Node | null, reading?: Pick<YamlDocument, "anchors">): string {
  if (key === null) return "";
  if (isAlias(key)) return keyText(reading?.anchors.get(key.source) ?? null);
  return isScalar(key) ? String(key.source ?? key.value) : "[a mapping]";
}
