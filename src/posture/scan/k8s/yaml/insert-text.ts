import { isMap } from "yaml";
import type { Node, Pair, YAMLSeq } from "yaml";
import type { TextEdit } from "../../define.ts";
import { isShared } from "./places.ts";
import type { Place } from "./places.ts";
import { scalarText } from "./scalar-text.ts";

/** Adds the fields of `value` to the mapping at `place`, in its own style; a field without a value becomes the mapping. */
export function insertPairs({ text, place, value }: { text: string; place: Place; value: object }): TextEdit | undefined {
  const { node, key } = place;
  if (!isMap(node)) {
    const end = key?.range?.[1];
    return end === undefined ? undefined : afterColon(text, end, node, value);
  }
  const shared = "anchor" in node && node.anchor !== undefined;
  if (shared) return undefined;
  const [start] = node.range ?? [];
  if (start === undefined) return undefined;
  const first = (node.items as readonly Pair<Node, Node | null>[])[0];
  if (node.flow === true || first === undefined) return intoFlow({ text, start, value, more: first !== undefined });
  const offset = first.key.range?.[0];
  if (offset === undefined || isShared(first.key)) return undefined;
  const from = lineStart(text, offset);
  const indent = " ".repeat(offset - from);
  const written = block(value).join(`\n${indent}`);
  // The first field of a list's entry shares its line with the dash; any other has a line of its own.
  if (text.slice(from, offset).trim() !== "") return { offset, length: 0, text: `${written}\n${indent}` };
  return { offset: from, length: 0, text: `${indent}${written}\n` };
}

/** Adds a last entry to a list that has some. */
export function appendItem(text: string, list: YAMLSeq, value: unknown): TextEdit | undefined {
  const [start, end] = (list.items.at(-1) as Node | undefined)?.range ?? [];
  if (start === undefined || end === undefined) return undefined;
  const offset = start + text.slice(start, end).trimEnd().length;
  if (list.flow === true) return { offset, length: 0, text: `, ${JSON.stringify(value)}` };
  const dash = text.lastIndexOf("-", start - 1);
  return { offset, length: 0, text: `\n${" ".repeat(dash - lineStart(text, dash))}- ${scalarText(value)}` };
}

/** `key:` or `key: null` becomes `key: {…}`. */
function afterColon(text: string, keyEnd: number, node: Node | null, value: object): TextEdit | undefined {
  const colon = text.indexOf(":", keyEnd);
  if (colon < 0) return undefined;
  const written = node?.range !== undefined && node.range !== null && node.range[1] > node.range[0];
  const [offset, end] = written ? [node!.range![0], node!.range![1]] : [colon + 1, colon + 1];
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
