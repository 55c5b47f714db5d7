import { isAlias, isMap, isScalar, isSeq } from "yaml";
import type { Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import type { FieldPath } from "../fields.ts";
import { keyText } from "./read-yaml.ts";
import type { YamlDocument } from "./read-yaml.ts";

/** What stands at a step of a path. */
export interface Place {
  /** The key of the field; undefined for the document itself and for entries of lists. */
  readonly key: Node | undefined;
  readonly node: Node | null;
  /** The mapping or list around it. */
  readonly parent: YAMLMap | YAMLSeq | undefined;
}

/** The field at `path`, or undefined where the document does not spell it out in its own place. */
export function placeOf(document: YamlDocument, path: FieldPath): Place | undefined {
  let place: Place = { key: undefined, node: document.root, parent: undefined };
  for (const step of path) {
    const inner = stepInto(document, place.node, step);
    if (inner === undefined) return undefined;
    place = inner;
  }
  return place;
}

/** Offset of the deepest part of `path` that exists. */
export function offsetOf(document: YamlDocument, path: FieldPath): number {
  let offset = document.root?.range?.[0] ?? 0;
  let node = document.root;
  for (const step of path) {
    const inner = stepInto(document, node, step);
    if (inner === undefined) break;
    offset = inner.key?.range?.[0] ?? inner.node?.range?.[0] ?? offset;
    node = inner.node;
  }
  return offset;
}

function stepInto(document: YamlDocument, from: Node | null, step: string | number): Place | undefined {
  const node = from !== null && isAlias(from) ? (document.anchors.get(from.source) ?? null) : from;
  if (typeof step === "number") {
    if (!isSeq(node) || step >= node.items.length) return undefined;
    return { key: undefined, node: node.items[step] as Node, parent: node };
  }
  if (!isMap(node)) return undefined;
  const pair = (node.items as readonly Pair<Node, Node | null>[]).findLast(({ key }) => keyText(key, document) === step);
  return pair === undefined ? undefined : { key: pair.key, node: pair.value, parent: node };
}

/** True where a node has an anchor somewhere in it, or is an alias: its text is not its own alone. */
export function isShared(node: Node | null): boolean {
  if (node === null) return false;
  if (isAlias(node) || ("anchor" in node && node.anchor !== undefined)) return true;
  if (isMap(node)) return (node.items as readonly Pair<Node, Node | null>[]).some(({ value }) => isShared(value));
  if (isSeq(node)) return node.items.some((item) => isShared(item as Node));
  return !isScalar(node);
}
