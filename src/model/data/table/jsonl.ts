/** JSON Lines: one JSON object a line, read as a stream. */

import { quote } from "../../../base/error/index.ts";
import type { ByteSource } from "./source.ts";
import type { Cell, Origin, Row, Table } from "./table.ts";
import { badRow, maxRowLength, textOf } from "./table.ts";

/**
 * A JSONL file as a table. Its columns are the members of its objects in the order of their first appearance; a member that a line
 * lacks is missing there. Values are numbers, text, booleans, null and arrays of numbers, which may be nested (an image).
 *
 * Reading throws data/bad-row, data/malformed, data/unknown-name.
 */
export function jsonlTable(source: ByteSource): Table {
  const columns = async (): Promise<readonly string[]> => {
    const names = new Set<string>();
    for await (const block of objects(source))
      for (const { members } of block) for (const name of Object.keys(members)) names.add(name);
    return [...names];
  };
  return {
    name: source.name,
    columns,
    async *rows(wanted) {
      const known = new Set(wanted);
      for await (const block of objects(source)) {
        yield block.map(({ line, members }): Row => {
          for (const name of Object.keys(members)) {
            if (!known.has(name))
              throw badRow(source, line, `it has a member ${quote(name)} that the schema has not`, unknownHint);
          }
          return { line, cells: wanted.map((name) => cellOf(source, line, name, members)) };
        });
      }
    },
  };
}

const unknownHint = 'add it to the schema, or leave it out there: `{"name": …, "kind": "ignore"}`';

interface JsonRow {
  readonly line: number;
  readonly members: Readonly<Record<string, unknown>>;
}

async function* objects(source: ByteSource): AsyncGenerator<readonly JsonRow[]> {
  let rest = "";
  let line = 1;
  const take = (lines: readonly string[]): JsonRow[] => {
    const found: JsonRow[] = [];
    for (const text of lines) {
      if (text.trim() !== "") found.push({ line, members: parseObject(source, line, text) });
      line++;
    }
    return found;
  };
  for await (const text of textOf(source)) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    if (rest.length > maxRowLength) {
      throw badRow(source, line, `the line is longer than ${maxRowLength} characters`, "write one JSON object a line");
    }
    const found = take(lines);
    if (found.length > 0) yield found;
  }
  const found = take([rest]);
  if (found.length > 0) yield found;
}

function parseObject(from: Origin, line: number, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw badRow(
      from,
      line,
      `this is not JSON (${cause instanceof Error ? cause.message.slice(0, 120) : "unreadable"})`,
      "write one JSON object a line",
    );
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw badRow(from, line, "this is not a JSON object", 'write each example as `{"column": value, …}`');
}

function cellOf(from: Origin, line: number, name: string, members: Readonly<Record<string, unknown>>): Cell {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (value === null || typeof value !== "object") return value as Cell;
  const numbers = Array.isArray(value) ? flatten(value) : undefined;
  if (numbers !== undefined) return numbers;
  throw badRow(
    from,
    line,
    `${quote(name)} is neither a plain value nor an array of numbers`,
    "give each value a column of its own",
  );
}

/** The numbers of a nested array in row-major order, or undefined when something else is in it. */
function flatten(items: readonly unknown[], depth = 0): number[] | undefined {
  const found: number[] = [];
  for (const item of items) {
    if (typeof item === "number") found.push(item);
    else if (Array.isArray(item) && depth < 16) {
      const inner = flatten(item, depth + 1);
      if (inner === undefined) return undefined;
      for (const value of inner) found.push(value);
    } else return undefined;
  }
  return found;
}
