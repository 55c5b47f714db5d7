/**
 * Changes of a manifest as changes of its text: comments, order and layout of everything else stay. The result is parsed again, and
 * unless it holds exactly the wanted data nothing is offered.
 */
import type { TextEdit } from "../../define.ts";
import { applyEdits, inOrder } from "../fields.ts";
import type { Edit, FieldPath } from "../fields.ts";
import { appendItem, insertPairs } from "./insert-text.ts";
import type { YamlDocument, YamlFile, YamlList, YamlMap, YamlNode } from "./node.ts";
import { isShared, placeOf } from "./places.ts";
import { readYaml } from "./read-yaml.ts";
import { removeAll } from "./remove-text.ts";
import { same, scalarText } from "./scalar-text.ts";

/** Text with the edits applied; they do not overlap. */
export function applyTextEdits(text: string, edits: readonly TextEdit[]): string {
  return edits
    .toSorted((a, b) => b.offset - a.offset)
    .reduce((changed, { offset, length, text: by }) => changed.slice(0, offset) + by + changed.slice(offset + length), text);
}

/**
 * The edits of one document as edits of the file's text, or undefined where they cannot be made without touching something else (an
 * anchor used twice, say).
 */
export function textEditsFor(file: YamlFile, document: YamlDocument, edits: readonly Edit[]): readonly TextEdit[] | undefined {
  const ordered = inOrder(edits);
  const raw = [
    ...sets({ file, document, edits: ordered.filter((edit) => edit.op === "set") }),
    ...removes({ file, document, edits: ordered.filter((edit) => edit.op === "remove") }),
  ];
  if (raw.includes(undefined)) return undefined;
  const merged = mergeTouching(file.text, raw as TextEdit[]);
  return holds({ file, document, ordered, merged }) ? merged : undefined;
}

interface Work<T extends Edit> {
  readonly file: YamlFile;
  readonly document: YamlDocument;
  readonly edits: readonly T[];
}

/** New fields below the same mapping are written together, so that one `securityContext` is made for two of them. */
function sets({ file, document, edits }: Work<Extract<Edit, { op: "set" }>>): (TextEdit | undefined)[] {
  const done: (TextEdit | undefined)[] = [];
  const missing = new Map<string, { at: FieldPath; pairs: Edit[] }>();
  for (const edit of edits) {
    const place = placeOf(document, edit.path);
    if (place?.node !== undefined && place.node !== null) {
      done.push(isShared(place.node) ? undefined : replace(file.text, place.node, edit.value));
      continue;
    }
    const list = placeOf(document, edit.path.slice(0, -1))?.node;
    if (list?.kind === "list") {
      done.push(isShared(list) ? undefined : appendItem(file.text, list, edit.value));
      continue;
    }
    const depth = deepestMapping(document, edit.path);
    const owner = edit.path.slice(0, depth);
    const group = missing.get(JSON.stringify(owner)) ?? { at: owner, pairs: [] };
    group.pairs.push({ ...edit, path: edit.path.slice(depth) });
    missing.set(JSON.stringify(owner), group);
  }
  for (const { at: owner, pairs } of missing.values()) {
    const place = placeOf(document, owner);
    done.push(place === undefined ? undefined : insertPairs({ text: file.text, place, value: applyEdits({}, pairs) }));
  }
  return done;
}

/** How many steps of `path` lead to a mapping that is there, or to an empty field that can become one. */
function deepestMapping(document: YamlDocument, path: FieldPath): number {
  for (let depth = path.length - 1; depth > 0; depth--) {
    const place = placeOf(document, path.slice(0, depth));
    if (place === undefined) continue;
    const empty = place.node === null || (place.node.kind === "scalar" && place.node.value === null);
    if (empty || place.node.kind === "map") return depth;
  }
  return 0;
}

function replace(text: string, node: YamlNode, value: unknown): TextEdit {
  const { start, end } = node;
  if (node.kind === "scalar" && (typeof value !== "object" || value === null)) {
    const quoted = text.slice(start, start + 1) === '"';
    return { offset: start, length: end - start, text: quoted ? JSON.stringify(value) : scalarText(value) };
  }
  const trimmed = text.slice(start, end).trimEnd().length;
  return { offset: start, length: trimmed, text: JSON.stringify(value) };
}

function removes({ file, document, edits }: Work<Extract<Edit, { op: "remove" }>>): (TextEdit | undefined)[] {
  const groups = new Map<YamlMap | YamlList, (string | number)[]>();
  for (const { path } of edits) {
    const parent = placeOf(document, path)?.parent;
    if (parent === undefined || isShared(parent)) return [undefined];
    groups.set(parent, [...(groups.get(parent) ?? []), path.at(-1)!]);
  }
  return [...groups].flatMap(([parent, steps]) => removeAll({ text: file.text, parent, steps }));
}

/** Edits that begin where another ends become one, so that their order cannot matter. */
function mergeTouching(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const merged: TextEdit[] = [];
  for (const edit of edits.toSorted((a, b) => a.offset - b.offset || a.length - b.length)) {
    const last = merged.at(-1);
    if (last === undefined || last.offset + last.length < edit.offset) merged.push(edit);
    else {
      const end = Math.max(last.offset + last.length, edit.offset + edit.length);
      const overlap = last.offset + last.length > edit.offset;
      const between = overlap ? "" : text.slice(last.offset + last.length, edit.offset);
      merged[merged.length - 1] = { offset: last.offset, length: end - last.offset, text: last.text + between + edit.text };
    }
  }
  return merged;
}

interface Proof {
  readonly file: YamlFile;
  readonly document: YamlDocument;
  readonly ordered: readonly Edit[];
  readonly merged: readonly TextEdit[];
}

/** The document by itself first: in a file of hundreds, reading all of it again for each would take the square of the time. */
function holds(proof: Proof): boolean {
  const { file, document, merged } = proof;
  const [start, end] = document.span;
  const inside = merged.every(({ offset, length }) => offset >= start && offset + length <= end);
  return (file.documents.length > 1 && inside && holdsAlone(proof)) || holdsInFile(proof);
}

function holdsAlone({ file, document, ordered, merged }: Proof): boolean {
  const [start, end] = document.span;
  const moved = merged.map((edit) => ({ ...edit, offset: edit.offset - start }));
  const changed = valuesOf(applyTextEdits(file.text.slice(start, end), moved));
  return changed !== undefined && same(changed, [applyEdits(document.value, ordered)]);
}

function holdsInFile({ file, document, ordered, merged }: Proof): boolean {
  const wanted = file.documents.map((one) => (one === document ? applyEdits(one.value, ordered) : one.value));
  const changed = valuesOf(applyTextEdits(file.text, merged));
  return changed !== undefined && same(changed, wanted);
}

function valuesOf(text: string): readonly unknown[] | undefined {
  try {
    return readYaml(text).documents.map(({ value }) => value);
  } catch {
    return undefined;
  }
}
