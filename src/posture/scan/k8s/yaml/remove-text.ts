import type { TextEdit } from "../../define.ts";
import { lineStart } from "./insert-text.ts";
import type { YamlList, YamlMap } from "./node.ts";

interface Item {
  readonly step: string | number;
  readonly start: number;
  /** End of the value itself, without what follows on the line. */
  readonly end: number;
}

/** Removes entries of one mapping or list; one that loses its last entry stays as `{}` or `[]`. */
export function removeAll({
  text,
  parent,
  steps,
}: {
  text: string;
  parent: YamlMap | YamlList;
  steps: readonly (string | number)[];
}): (TextEdit | undefined)[] {
  const items = itemsOf(text, parent);
  const going = items.filter(({ step }) => steps.includes(step));
  if (going.length === items.length) return [emptied(text, parent, items)];
  if (parent.flow) return going.map((item) => fromFlow(items, item));
  return going.map((item) => fromBlock(text, items, item));
}

function itemsOf(text: string, parent: YamlMap | YamlList): Item[] {
  if (parent.kind === "map") {
    return parent.pairs.map(({ name, keyStart, keyEnd, value }) => {
      const end = value?.end ?? keyEnd;
      return { step: name, start: keyStart, end: keyStart + text.slice(keyStart, end).trimEnd().length };
    });
  }
  return parent.items.map((item, step) => {
    const start = parent.flow ? item.start : text.lastIndexOf("-", item.start - 1);
    return { step, start, end: start + text.slice(start, item.end).trimEnd().length };
  });
}

function emptied(text: string, parent: YamlMap | YamlList, items: readonly Item[]): TextEdit | undefined {
  const empty = parent.kind === "map" ? "{}" : "[]";
  if (parent.flow) return { offset: parent.start, length: parent.end - parent.start, text: empty };
  const start = items[0]?.start;
  const end = items.at(-1)?.end;
  if (start === undefined || end === undefined) return undefined;
  // A block value begins on the line after its key; `{}` must stand beside it.
  const before = text.slice(0, start).trimEnd().length;
  return text[before - 1] === ":"
    ? { offset: before, length: end - before, text: ` ${empty}` }
    : { offset: start, length: end - start, text: empty };
}

function fromFlow(items: readonly Item[], item: Item): TextEdit {
  const i = items.indexOf(item);
  const next = items[i + 1];
  const [start, end] = next === undefined ? [items[i - 1]!.end, item.end] : [item.start, next.start];
  return { offset: start, length: end - start, text: "" };
}

function fromBlock(text: string, items: readonly Item[], item: Item): TextEdit {
  const next = items[items.indexOf(item) + 1];
  const from = lineStart(text, item.start);
  // The first field of a list's entry shares its line with the dash, which must stay for the field after it.
  if (text.slice(from, item.start).trim() !== "" && next !== undefined) {
    return { offset: item.start, length: next.start - item.start, text: "" };
  }
  const newline = text.indexOf("\n", item.end);
  const to = newline < 0 ? text.length : newline + 1;
  return { offset: from, length: to - from, text: "" };
}
