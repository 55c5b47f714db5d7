/**
 * All of YAML, by the `yaml` package. Aliases are followed once and counted as if copied, so a "billion laughs" file is refused before
 * anything walks it.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments } from "yaml";
import type { Document, Node, YAMLMap, YAMLSeq } from "yaml";
import { malformed, refused } from "../../refuse.ts";
import type { FieldPath } from "../fields.ts";
import { define, maxNesting, maxValues } from "./node.ts";
import type { DuplicateKey, YamlDocument, YamlFile, YamlNode } from "./node.ts";

/**
 * Reads any YAML.
 * @throws `scan/malformed` when it is no YAML, `scan/refused` for bombs, cycles and nesting
 */
export function readFully(text: string): YamlFile {
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

/** What an anchor stands for; without a node while it is still being read. */
interface Anchored {
  readonly source: Node;
  node?: YamlNode;
  /** Values in it. */
  size: number;
}

interface Reading {
  readonly anchors: Map<string, Anchored>;
  readonly duplicates: DuplicateKey[];
  shares: boolean;
  size: number;
}

function toDocument(contents: Node | null, span: YamlDocument["span"]): YamlDocument {
  const reading: Reading = { anchors: new Map(), duplicates: [], shares: false, size: 0 };
  const root = contents === null ? null : read(contents, [], reading);
  const { duplicates, shares } = reading;
  const anchors = new Map([...reading.anchors].map(([name, { node }]) => [name, node!]));
  return { value: root?.value ?? null, root, anchors, duplicates, shares, span };
}

function read(node: Node, path: FieldPath, reading: Reading): YamlNode {
  if (++reading.size > maxValues) throw refused(`its YAML expands to more than ${maxValues} values`);
  if (path.length > maxNesting) throw refused(`its YAML is nested more than ${maxNesting} deep`);
  const [start, end] = node.range ?? [0, 0];
  if (isAlias(node)) {
    return { kind: "alias", name: node.source, value: follow(node.source, reading), start, end, anchored: false };
  }
  const anchor = "anchor" in node ? (node.anchor as string | undefined) : undefined;
  if (anchor === undefined) return readOwn(node, path, reading);
  const open: Anchored = { source: node, size: reading.size };
  reading.anchors.set(anchor, open);
  open.node = { ...readOwn(node, path, reading), anchored: true };
  open.size = reading.size - open.size;
  return open.node;
}

function follow(name: string, reading: Reading): unknown {
  reading.shares = true;
  const target = reading.anchors.get(name);
  if (target === undefined) throw malformed(`the alias *${name} has no anchor before it`);
  if (target.node === undefined) throw refused(`the alias *${name} contains itself`);
  reading.size += target.size;
  if (reading.size > maxValues) throw refused(`its YAML expands to more than ${maxValues} values`);
  return target.node.value;
}

function readOwn(node: Node, path: FieldPath, reading: Reading): YamlNode {
  if (isSeq(node)) return readList(node, path, reading);
  if (isMap(node)) return readMap(node as YAMLMap<Node, Node | null>, path, reading);
  const [start, end] = node.range ?? [0, 0];
  const value = isScalar(node) ? scalar(node.value, node.source) : null;
  return { kind: "scalar", value, start, end, anchored: false };
}

function scalar(value: unknown, source: string | undefined): unknown {
  const plain = value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
  return plain ? value : (source ?? String(value));
}

function readList(list: YAMLSeq, path: FieldPath, reading: Reading): YamlNode {
  const items = list.items.map((item, i) => read(item as Node, [...path, i], reading));
  const [start, wide] = list.range ?? [0, 0];
  const flow = list.flow === true;
  const end = flow ? wide : (items.at(-1)?.end ?? wide);
  return { kind: "list", value: items.map(({ value }) => value), start, end, flow, items, anchored: false };
}

function readMap(map: YAMLMap<Node, Node | null>, path: FieldPath, reading: Reading): YamlNode {
  const found: Record<string, unknown> = {};
  const merged: unknown[] = [];
  const pairs = map.items.map(({ key, value }) => {
    const name = keyText(key, reading);
    const [keyStart, keyEnd] = key.range ?? [0, 0];
    const merge = name === "<<" && isScalar(key) && (key.type === undefined || key.type === "PLAIN");
    if (!merge && Object.hasOwn(found, name)) reading.duplicates.push({ path: [...path, name], offset: keyStart });
    const node = value === null ? null : read(value, [...path, name], reading);
    const data = node?.value ?? null;
    if (merge) {
      reading.shares = true;
      merged.push(...(Array.isArray(data) ? data : [data]));
    } else define(found, name, data);
    return { name, keyStart, keyEnd, keyShared: isSharedKey(key), value: node };
  });
  for (const source of merged) {
    if (typeof source !== "object" || source === null) continue;
    for (const [name, value] of Object.entries(source)) if (!Object.hasOwn(found, name)) define(found, name, value);
  }
  const [start, wide] = map.range ?? [0, 0];
  const flow = map.flow === true;
  const last = pairs.at(-1);
  const end = flow || last === undefined ? wide : (last.value?.end ?? last.keyEnd);
  return { kind: "map", value: found, start, end, flow, pairs, anchored: false };
}

function isSharedKey(key: Node): boolean {
  return isAlias(key) || !isScalar(key) || ("anchor" in key && key.anchor !== undefined);
}

/** Kubernetes turns keys of other types into strings. */
function keyText(key: Node | null, reading: Reading): string {
  if (key === null) return "";
  if (isAlias(key)) return keyText(reading.anchors.get(key.source)?.source ?? null, reading);
  return isScalar(key) ? String(key.source ?? key.value) : "[a mapping]";
}
