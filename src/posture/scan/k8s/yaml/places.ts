import type { FieldPath } from "../fields.ts";
import type { YamlDocument, YamlList, YamlMap, YamlNode, YamlPair } from "./node.ts";

/** What stands at a step of a path. */
export interface Place {
  /** The field; undefined for the document itself and for entries of lists. */
  readonly field: YamlPair | undefined;
  readonly node: YamlNode | null;
  /** The mapping or list around it. */
  readonly parent: YamlMap | YamlList | undefined;
}

/** The field at `path`, or undefined where the document does not spell it out in its own place. */
export function placeOf(document: YamlDocument, path: FieldPath): Place | undefined {
  let place: Place = { field: undefined, node: document.root, parent: undefined };
  for (const step of path) {
    const inner = stepInto(document, place.node, step);
    if (inner === undefined) return undefined;
    place = inner;
  }
  return place;
}

/** Offset of the deepest part of `path` that exists. */
export function offsetOf(document: YamlDocument, path: FieldPath): number {
  let offset = document.root?.start ?? 0;
  let node = document.root;
  for (const step of path) {
    const inner = stepInto(document, node, step);
    if (inner === undefined) break;
    offset = inner.field?.keyStart ?? inner.node?.start ?? offset;
    node = inner.node;
  }
  return offset;
}

function stepInto(document: YamlDocument, from: YamlNode | null, step: string | number): Place | undefined {
  const node = from?.kind === "alias" ? document.anchors.get(from.name) : from;
  if (typeof step === "number") {
    const item = node?.kind === "list" ? node.items[step] : undefined;
    return item === undefined ? undefined : { field: undefined, node: item, parent: node as YamlList };
  }
  if (node?.kind !== "map") return undefined;
  const pair = node.pairs.findLast(({ name }) => name === step);
  return pair === undefined ? undefined : { field: pair, node: pair.value, parent: node };
}

/** True where a node has an anchor somewhere in it, or is an alias: its text is not its own alone. */
export function isShared(node: YamlNode | null): boolean {
  if (node === null) return false;
  if (node.kind === "alias" || node.anchored) return true;
  if (node.kind === "map") return node.pairs.some(({ value }) => isShared(value));
  return node.kind === "list" && node.items.some((item) => isShared(item));
}
