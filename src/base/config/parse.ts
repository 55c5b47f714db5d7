import { isMap, isScalar, LineCounter, parseDocument } from "yaml";
import { ModelkeepError, quote } from "../error/index.ts";
import type {} from "./errors.ts";

/** A tree of plain values, as YAML gives it. */
export type Tree = { [key: string]: unknown };

export type Path = readonly (string | number)[];

/** A parsed file: its values, and where in the text a path stands. */
export interface ParsedFile {
  readonly tree: Tree;
  /** `name:line:column` of the value at `path` (of its key, where the value is a block below it), or of the nearest parent that is in the text. */
  where(path: Path): string;
}

const maxBytes = 1 << 20;

/**
 * YAML 1.2 to plain values. Configuration is data: no tags beyond the core schema, no duplicate keys, bounded aliases.
 *
 * @throws `config/not-yaml` with line and column.
 */
export function parseConfigText(text: string, name: string): ParsedFile {
  if (text.length > maxBytes) throw notYaml(name, `is ${text.length} characters long, more than ${maxBytes}`);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, strict: true, stringKeys: true, merge: false });
  const flaw = document.errors[0] ?? document.warnings[0];
  if (flaw !== undefined) {
    const at = lines.linePos(flaw.pos[0]);
    throw notYaml(`${name}:${at.line}:${at.col}`, flaw.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""), flaw);
  }
  const tree = toTree(document, name);
  return {
    tree,
    where(path) {
      for (let length = path.length; length >= 0; length--) {
        const at = positionOf(nodeAt(path.slice(0, length)));
        if (at === undefined) continue;
        const key = length === 0 ? undefined : positionOf(keyAt(path.slice(0, length)));
        const shown = key !== undefined && key.line < at.line ? key : at;
        return `${name}:${shown.line}:${shown.col}`;
      }
      return name;
    },
  };

  function nodeAt(path: Path): unknown {
    return path.length === 0 ? document.contents : document.getIn(path, true);
  }

  function keyAt(path: Path): unknown {
    const parent = nodeAt(path.slice(0, -1));
    if (!isMap(parent)) return undefined;
    return parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key;
  }

  function positionOf(node: unknown): { readonly line: number; readonly col: number } | undefined {
    const offset = (node as { range?: [number, number, number] } | undefined)?.range?.[0];
    return offset === undefined ? undefined : lines.linePos(offset);
  }
}

function toTree(document: ReturnType<typeof parseDocument>, name: string): Tree {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 20 });
  } catch (cause) {
    throw notYaml(name, (cause as Error).message, cause);
  }
  if (value === null || value === undefined) return {};
  if (typeof value === "object" && !Array.isArray(value)) return value as Tree;
  throw notYaml(name, "holds no mapping of keys to values");
}

function notYaml(where: string, what: string, cause?: unknown): ModelkeepError {
  return new ModelkeepError("config/not-yaml", {
    message: `${where} is not readable as YAML: ${quote(what, 160)}`,
    hint: "fix that line; `modelkeep config explain` shows what is read",
    exit: 4,
    cause,
  });
}
