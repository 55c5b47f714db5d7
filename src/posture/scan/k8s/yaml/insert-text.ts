import type { TextEdit } from "../../define.ts";
import type { YamlList, YamlNode } from "./node.ts";
import type { Place } from "./places.ts";
import { scalarText } from "./scalar-text.ts";

/** Adds the fields of `value` to the mapping at `place`, in its own style; a field without a value becomes the mapping. */
export function insertPairs({ text, place, value }: { text: string; place: Place; value: object }): TextEdit | undefined {
  const { node, field } = place;
  if (node?.kind !== "map") return field === undefined ? undefined : afterColon(text, field.keyEnd, node, value);
  if (node.anchored) return undefined;
  const [first] = node.pairs;
  if (node.flow || first === undefined) return intoFlow({ text, start: node.start, value, more: first !== undefined });
  if (first.keyShared) return undefined;
  const offset = first.keyStart;
  const from = lineStart(text, offset);
  const indent = " ".repeat(offset - from);
  const written = block(value).join(`\n${indent}`);
  // The first field of a list's entry shares its line with the dash; any other has a line of its own.
  if (text.slice(from, offset).trim() !== "") return { offset, length: 0, text: `${written}\n${indent}` };
  return { offset: from, length: 0, text: `${indent}${written}\n` };
}

/** Adds a last entry to a list that has some; what is said after the last one on its line stays with it. */
export function appendItem(text: string, list: YamlList, value: unknown): TextEdit | undefined {
  const last = list.items.at(-1);
  if (last === undefined) return undefined;
  const offset = last.start + text.slice(last.start, last.end).trimEnd().length;
  if (list.flow) return { offset, length: 0, text: `, ${JSON.stringify(value)}` };
  const newline = /\r?\n|$/g;
  newline.lastIndex = offset;
  const dash = text.lastIndexOf("-", last.start - 1);
  const entry = `\n${" ".repeat(dash - lineStart(text, dash))}- ${scalarText(value)}`;
  return { offset: newline.exec(text)!.index, length: 0, text: entry };
}

/** `key:` or `key: null` becomes `key: {…}`. */
function afterColon(text: string, keyEnd: number, node: YamlNode | null, value: object): TextEdit | undefined {
  const colon = text.indexOf(":", keyEnd);
  if (colon < 0) return undefined;
  const written = node !== null && node.end > node.start;
  const [offset, end] = written ? [node.start, node.end] : [colon + 1, colon + 1];
  return { offset, length: end - offset, text: `${written ? "" : " "}${JSON.stringify(value)}` };
}

/** JSON is right both in JSON and in YAML's flow style. */
function intoFlow({ text, start, value, more }: { text: string; start: number; value: object; more: boolean }): TextEdit {
  const inner = JSON.stringify(value).slice(1, -1);
  const offset = text.indexOf("{", start) + 1;
  return { offset, length: 0, text: more ? `${inner}, ` : inner };
}

function block(value: object): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = scalarText(key);
    if (typeof inner !== "object" || inner === null) return [`${name}: ${scalarText(inner)}`];
    if (Array.isArray(inner)) return [`${name}:`, ...inner.map((item) => `  - ${scalarText(item)}`)];
    const lines = block(inner as object);
    return lines.length === 0 ? [`${name}: {}`] : [`${name}:`, ...lines.map((line) => `  ${line}`)];
  });
}

/** Offset of the first character of the line around `offset`. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}
